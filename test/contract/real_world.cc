#include <cstdlib>
#include <filesystem>
#include <string>

#include "runtime/linux/linux_process.h"
#include "test/contract/world_under_test.h"

namespace ottla::contract {
namespace {

class RealWorld final : public WorldUnderTest {
 public:
  void run(std::size_t shards, const Story& story) override {
    std::string directory = (std::filesystem::temp_directory_path() / "ottla-contract-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    const Place place{directory};
    LinuxProcessOptions options;
    options.shards = shards;
    options.catch_signals = false;
    const int exit_code = run_linux_process(options, [&](Process& process, Cancel cancel) -> Task<int> {
      co_await story(process, cancel, place);
      co_return 0;
    });
    EXPECT_EQ(exit_code, 0);
    std::filesystem::remove_all(directory);
  }
};

}  // namespace

std::unique_ptr<WorldUnderTest> make_real_world() {
  return std::make_unique<RealWorld>();
}

}  // namespace ottla::contract
