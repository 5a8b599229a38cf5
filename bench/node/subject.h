// A node to be measured: ours or the reference's, as a process of its own.
//
// Lifetime: the process is stopped, and its directory removed, when this goes.
// Errors:   what cannot be started or does not answer within five minutes ends the benchmark with the reason.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/measure.h"

namespace ottla::bench {

class Subject {
 public:
  Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject();

  // Milliseconds from exec until it has answered a first request.
  double start();
  // In good order; milliseconds until the process is gone.
  double stop();
  // As if it had crashed; its disk has not.
  void kill();
  double resident_mib() const;
  std::uint16_t port() const { return port_; }

 protected:
  // In the child: becomes the program.
  virtual void exec() = 0;

  Directory directory_;
  std::uint16_t port_ = 0;

 private:
  void await_answer() const;

  int process_ = -1;
};

// Both have a formatted directory and two shards, or as many threads as the reference takes.
std::unique_ptr<Subject> our_node();
// On a directory that is not there yet, and was not formatted.
std::unique_ptr<Subject> our_new_node();
std::unique_ptr<Subject> reference_node();

}  // namespace ottla::bench
