// The contract suite runs each story on the real world and on the simulated one: what is promised by
// src/runtime's headers and can be observed must hold in both.
//
// Use: a file of stories includes this header and says CONTRACT_TEST(Suite, Name) { ...coroutine body... }
//      The body is a Task<void> with `Process& process`, `Cancel cancel` and `const Place& place` in scope,
//      and runs on the first of two shards. ASSERT_* return void and so cannot stand in coroutines: use
//      EXPECT_* and co_return.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "runtime/process.h"
#include "runtime/task.h"

namespace ottla::contract {

// Where a story may write: a fresh, empty directory of its own.
struct Place {
  std::string directory;
};

using Story = std::function<Task<void>(Process&, Cancel, const Place&)>;

class WorldUnderTest {
 public:
  virtual ~WorldUnderTest() = default;
  // Runs the story to its end on the first of `shards` shards, and fails the test when it leaves anything
  // behind.
  virtual void run(std::size_t shards, const Story& story) = 0;
};

std::unique_ptr<WorldUnderTest> make_real_world();       // real_world.cc
std::unique_ptr<WorldUnderTest> make_simulated_world();  // simulated_world.cc

// Registers the tests SUITE.NAME_real and SUITE.NAME_simulated (worlds.cc). Plain functions rather than a class
// template a story: hundreds of stories must compile quickly.
bool tell(const char* suite, const char* name, const char* file, int line,
          Task<void> (*story)(Process&, Cancel, const Place&));

}  // namespace ottla::contract

#define CONTRACT_TEST(suite, name)                                                                           \
  static ::ottla::Task<void> suite##_##name##_story([[maybe_unused]] ::ottla::Process& process,              \
                                                    [[maybe_unused]] ::ottla::Cancel cancel,                 \
                                                    [[maybe_unused]] const ::ottla::contract::Place& place); \
  static const bool suite##_##name##_told =                                                                  \
      ::ottla::contract::tell(#suite, #name, __FILE__, __LINE__, suite##_##name##_story);                    \
  static ::ottla::Task<void> suite##_##name##_story([[maybe_unused]] ::ottla::Process& process,              \
                                                    [[maybe_unused]] ::ottla::Cancel cancel,                 \
                                                    [[maybe_unused]] const ::ottla::contract::Place& place)
