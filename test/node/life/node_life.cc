#include "test/node/life/node_life.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/error.h"
#include "config/loading.h"
#include "config/node_shape.h"
#include "config/providers.h"
#include "quorum/format.h"
#include "quorum/quorum_options.h"
#include "runtime/event.h"
#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/when.h"

namespace ottla::server {
namespace {

class NoFiles final : public config::ProviderDoor {
 public:
  Result<std::string> read_file(const std::string&) const override { return Errc::not_found; }
  bool exists(const std::string&) const override { return false; }
};

constexpr std::string_view kProperties =
    "process.roles=broker,controller\n"
    "node.id=1\n"
    "controller.quorum.voters=1@10.0.0.1:9093\n"
    "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n"
    "advertised.listeners=PLAINTEXT://10.0.0.1:9092,CONTROLLER://10.0.0.1:9093\n"
    "controller.listener.names=CONTROLLER\n"
    "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
    "log.dirs=/data\n";

// The directories of a new machine are empty, and those of one that died early are half done.
Task<Result<void>> format_what_is_not(const config::NodeConfig& config) {
  FileSystem& files = this_shard().files();
  const std::string directory = quorum::metadata_directory(config);
  std::vector<std::string> all = config::log_directories(config);
  if (std::ranges::find(all, directory) == all.end()) all.push_back(directory);
  quorum::FormatOptions options;
  options.node = NodeId(1);
  options.cluster_id = std::string(NodeLife::kClusterId);
  options.directories = std::move(all);
  options.metadata_directory = directory;
  options.controller_listener = "CONTROLLER";
  options.ignore_formatted = true;
  const quorum::FormatReport report = co_await quorum::format(files, std::move(options));
  if (report.failure) co_return *report.failure;
  co_return Result<void>();
}

}  // namespace

// Shows a node as long as it is up, however that ends.
class NodeLife::Up {
 public:
  Up(Node*& shown, Node* node) : shown_(shown) { shown_ = node; }
  Up(const Up&) = delete;
  Up& operator=(const Up&) = delete;
  ~Up() { shown_ = nullptr; }

 private:
  Node*& shown_;
};

Task<int> NodeLife::run(Process& process, Cancel cancel) {
  ++lives_;
  ready_ = false;
  failure_.clear();
  co_return co_await live(process, cancel);
}

Task<int> NodeLife::live(Process& process, Cancel cancel) {
  const config::StartTexts texts = {.path = "server.properties",
                                    .file = std::string(kProperties),
                                    .environment = {},
                                    .overrides = overrides_,
                                    .assumed = {}};
  config::Loaded loaded = config::load_node(texts, NoFiles());
  if (!loaded.errors.empty()) {
    failure_ = loaded.errors.front();
    co_return 2;
  }
  const Result<void> formatted = co_await format_what_is_not(loaded.config);
  if (!formatted.ok()) co_return failed(formatted.error().to_string());
  NodeSetup setup{.layers = std::move(loaded.layers),
                  .config = std::move(loaded.config),
                  .shape = std::move(loaded.shape),
                  .cluster_id = std::string(kClusterId)};
  const auto node = co_await Node::start(process, std::move(setup));
  if (!node.ok()) co_return failed(node.error().to_string());
  Error end(Errc::cancelled);
  {
    Node* const running = node->get();
    const Up up(node_, running);
    const auto ended = co_await when_any(
        cancel, [running](Cancel inner) { return running->wait_failed(inner); },
        [this, running](Cancel inner) -> Task<Error> {
          ready_ = (co_await running->wait_ready(inner)).ok();
          Event never;
          (void)co_await never.wait(inner);
          co_return Errc::cancelled;
        });
    end = ended.value;
  }
  co_await (*node)->stop();
  if (end == Errc::cancelled) co_return 0;
  co_return failed(end.to_string());
}

int NodeLife::failed(std::string why) {
  failure_ = std::move(why);
  return 1;
}

}  // namespace ottla::server
