// The reference's codec in a JVM beside us, asked for one figure at a time.
//
// Lifetime: the JVM ends with this object.
// Errors:   a JVM that cannot be started or leaves ends the benchmark with the reason.
#pragma once

#include <cstdio>
#include <string>

namespace ottla::bench {

class JavaPeer {
 public:
  JavaPeer();
  JavaPeer(const JavaPeer&) = delete;
  JavaPeer& operator=(const JavaPeer&) = delete;
  ~JavaPeer();

  // Nanoseconds of CPU for one message; the first question of its kind warms up.
  double ask(const std::string& question);

 private:
  std::FILE* questions_ = nullptr;
  std::FILE* answers_ = nullptr;
  int process_ = -1;
};

}  // namespace ottla::bench
