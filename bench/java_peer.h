// A program in Java beside us that holds the reference's classes, asked for one figure at a time.
//
// Lifetime: the JVM ends with this object.
// Errors:   a JVM that cannot be started or leaves ends the benchmark with the reason.
#pragma once

#include <cstdio>
#include <string>

namespace ottla::bench {

class JavaPeer {
 public:
  // `source`: one file of Java, run against the reference's jars.
  explicit JavaPeer(std::string source);
  JavaPeer(const JavaPeer&) = delete;
  JavaPeer& operator=(const JavaPeer&) = delete;
  ~JavaPeer();

  // A line is asked, and the first number of a line is the answer.
  double ask(const std::string& question);
  // Of the whole program so far, to a hundredth of a second.
  double cpu_ns() const;

 private:
  std::FILE* questions_ = nullptr;
  std::FILE* answers_ = nullptr;
  int process_ = -1;
};

}  // namespace ottla::bench
