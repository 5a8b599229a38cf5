// A machine of the world: an address, a disk, a clock, and the process that runs on it from time to time.
//
// Lifetime:    owned by the World, for as long as that lives; processes come and go on it.
// Concurrency: confined to the world's one thread. Everything here is called between two steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/address.h"
#include "runtime/file_system.h"
#include "runtime/process.h"
#include "sim/disk.h"
#include "sim/host_clock.h"
#include "sim/trace.h"

namespace ottla::sim {

class Incarnation;
class World;

class Host {
 public:
  Host(World& world, std::string name, std::uint32_t index, std::uint64_t seed);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host();

  const std::string& name() const { return name_; }
  std::uint32_t index() const { return index_; }
  World& world() { return world_; }
  HostClock& clock() { return clock_; }
  Disk& disk() { return disk_; }
  // 10.0.0.N, and fd00::N.
  Address address(std::uint16_t port) const;
  Address address6(std::uint16_t port) const;

  // --- What its processes are told. Read when they ask -----------------------------------------------------
  std::map<std::string, std::string, std::less<>> environment;
  ResourceLimits limits{.cpus = 1, .memory_bytes = std::uint64_t{1} << 30, .open_files = 1024};

  // --- What is wrong with its machine, for tests that plant bugs. Read when a process starts ------------------
  // Puts something between a shard's processes and the doors of the disk, which outlive it.
  std::function<std::unique_ptr<FileSystem>(FileSystem& doors)> refit_files;
  // Each process draws what the one before it drew.
  bool repeats_randomness = false;

  // --- The process -----------------------------------------------------------------------------------------
  void start(ProcessMain main, std::size_t shards = 1);
  // The same program again, on what the disk kept.
  void restart();
  // The process dies, the machine lives: its connections end, and what it wrote stays.
  void kill();
  // The machine dies: nobody is told, and what was not synced is at the mercy of the disk.
  void cut_power();
  // Asks main to end; what it leaves behind then is a violation. Ends by itself some steps later.
  void request_stop();
  void signal(Signal signal);
  // Nothing runs while paused; time, network and disk go on.
  void pause();
  void resume();

  bool running() const { return incarnation_ != nullptr; }
  bool powered() const { return powered_; }
  bool paused() const { return paused_; }
  bool was_started() const { return main_ != nullptr; }
  // Of the last process that ended in good order.
  std::optional<int> exit_code() const { return exit_code_; }
  std::uint64_t starts() const { return starts_; }
  // Of processes and of the machine.
  std::uint64_t deaths() const { return deaths_; }
  Incarnation& incarnation() { return *incarnation_; }

  // After a change of the clock's rate.
  void clock_changed();
  // For the world: takes note of a process that has come to its end.
  void end_if_finished();
  TracePlace trace_place() const { return {name_, index_, TracePlace::kNone}; }
  Random& random() { return random_; }

 private:
  void die(bool power);

  World& world_;
  const std::string name_;
  const std::uint32_t index_;
  Random random_;
  HostClock clock_;
  Disk disk_;
  ProcessMain main_;
  std::size_t shards_ = 1;
  std::unique_ptr<Incarnation> incarnation_;
  bool powered_ = true;
  bool paused_ = false;
  std::uint64_t starts_ = 0;
  std::uint64_t deaths_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace ottla::sim
