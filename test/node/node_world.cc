#include "test/node/node_world.h"

#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "base/chain.h"
#include "base/slice.h"
#include "config/loading.h"
#include "config/node_shape.h"
#include "config/providers.h"
#include "quorum/format.h"
#include "quorum/quorum_options.h"
#include "runtime/event.h"
#include "runtime/file_system.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/stream.h"
#include "runtime/when.h"

namespace ottla::server {
namespace {

using std::chrono::seconds;

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

constexpr std::string_view kClusterId = "J8qXRwI-Qyi2G0guFTiuYw";

// The directories of a new machine are empty.
Task<Result<void>> format_if_needed(const config::NodeConfig& config) {
  FileSystem& files = this_shard().files();
  const std::string directory = quorum::metadata_directory(config);
  if ((co_await files.status(directory + "/meta.properties")).ok()) co_return Result<void>();
  OTTLA_CO_CHECK(co_await files.make_directories(directory));
  quorum::FormatOptions options{.node = NodeId(1),
                                .cluster_id = std::string(kClusterId),
                                .directories = config::log_directories(config),
                                .metadata_directory = directory,
                                .controller_listener = "CONTROLLER",
                                .release_version = {},
                                .features = {},
                                .initial_controllers = {},
                                .more_records = {}};
  const quorum::FormatReport report = co_await quorum::format(files, std::move(options));
  if (report.failure) co_return *report.failure;
  co_return Result<void>();
}

}  // namespace

NodeWorld::NodeWorld(std::uint64_t seed, std::vector<std::string> overrides, std::size_t shards)
    : world_(seed),
      host_(world_.add_host("node")),
      client_(world_.add_host("client")),
      overrides_(std::move(overrides)),
      shards_(shards) {}

NodeWorld::~NodeWorld() {
  if (host_.running()) (void)stop();
}

Task<int> NodeWorld::run(Process& process, Cancel cancel) {
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
  const Result<void> formatted = co_await format_if_needed(loaded.config);
  if (!formatted.ok()) {
    failure_ = formatted.error().to_string();
    co_return 1;
  }
  NodeSetup setup{.layers = std::move(loaded.layers),
                  .config = std::move(loaded.config),
                  .shape = std::move(loaded.shape),
                  .cluster_id = std::string(kClusterId)};
  auto node = co_await Node::start(process, std::move(setup));
  if (!node.ok()) {
    failure_ = node.error().to_string();
    co_return 1;
  }
  node_ = node->get();
  if ((co_await (*node)->wait_ready(cancel)).ok()) ready_ = true;
  Event stopped;
  (void)co_await stopped.wait(cancel);
  node_ = nullptr;
  co_await (*node)->stop();
  co_return 0;
}

bool NodeWorld::start() {
  ready_ = false;
  failure_.clear();
  host_.start([this](Process& process, Cancel cancel) { return run(process, cancel); }, shards_);
  return world_.run_until([this] { return ready_ || !host_.running(); }, seconds(60)) && ready_;
}

bool NodeWorld::stop() {
  host_.request_stop();
  return world_.run_until([this] { return !host_.running(); }, seconds(30)) && !host_.running();
}

bool NodeWorld::run_client(std::function<Task<void>()> work, Duration limit) {
  client_.start([&work](Process&, Cancel) -> Task<int> {
    co_await work();
    co_return 0;
  });
  const bool ended = world_.run_until([this] { return !client_.running(); }, limit);
  if (!ended) client_.kill();
  return ended;
}

Result<rpc::Reply> NodeWorld::ask_erased(protocol::Encodable request, std::uint16_t port) {
  Result<rpc::Reply> outcome = Errc::timed_out;
  run_client([&]() -> Task<void> {
    auto connection = co_await rpc::ClientConnection::connect(this_shard().network(), address(port),
                                                              {.client_id = "test"}, {});
    if (!connection.ok()) {
      outcome = connection.error();
      co_return;
    }
    outcome = co_await (*connection)->call(request);
    co_await (*connection)->close();
  });
  return outcome;
}

std::string NodeWorld::send_raw(std::string_view bytes, std::uint16_t port, Duration patience) {
  std::string heard;
  run_client([&]() -> Task<void> {
    auto stream = co_await this_shard().network().connect(address(port), {}, {});
    if (!stream.ok()) co_return;
    (void)co_await (*stream)->write(Chain(Slice::copy_of(bytes)));
    std::array<std::byte, 4096> room;
    for (;;) {
      const auto count = co_await with_timeout(
          patience, {}, [&](Cancel inner) { return (*stream)->read(std::span(room), inner); });
      if (!count.ok()) {
        heard += '<' + std::string(name_of(count.error().code())) + '>';
        break;
      }
      heard += std::string_view(reinterpret_cast<const char*>(room.data()), *count);
    }
    co_await (*stream)->close();
  });
  return heard;
}

}  // namespace ottla::server
