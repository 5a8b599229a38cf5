// fuzz: base runtime protocol record metadata sim node_world server
// Whatever a connection sends to a whole node: requests of any API and version to its broker's or its controller's
// listener, mutated from such as mean something to the topics that are there, random ones, and bytes that are none. The
// node goes on, others are served what they were served before, and its metadata keep their invariants.
//
// fuzz_server_node --write-corpus=FOLDER writes an input of each request in test/node/sample_requests.h, for each listener that
// serves it; fuzz/corpus/fuzz_server_node is what it wrote.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/base64.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "metadata/image.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/json.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "protocol/messages/metadata.h"
#include "protocol/request_header.h"
#include "protocol/testing/random_message.h"
#include "record/batch_builder.h"
#include "runtime/shard.h"
#include "server/handler_table.h"
#include "sim/incarnation.h"
#include "sim/shard_home.h"
#include "test/node/node_world.h"
#include "test/node/sample_requests.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace ottla::server {
namespace {

using protocol::ApiInfo;

// A node lives for so many inputs: what they leave behind must not pile up.
constexpr int kInputsOfALife = 200;
constexpr std::size_t kMostRequestMemory = std::size_t{8} << 20U;
constexpr std::size_t kLargestStructure = 4096;
// Before each request: its API's key, its version, and two bytes that say how long its body is.
constexpr std::size_t kFront = 4;
constexpr std::size_t kMostRequests = 8;
// Stand in inputs for the id of the topic `orders` and the epoch of the broker, which no input can know.
constexpr std::string_view kIdOfOrders = "id of the orders";
constexpr std::string_view kEpochOfBroker = "epoch #1";
static_assert(kIdOfOrders.size() == sizeof(Uuid) && kEpochOfBroker.size() == sizeof(std::int64_t));
constexpr char kToController = 0;
constexpr char kToBroker = 1;
constexpr auto kPatience = std::chrono::milliseconds(300);

// Numbers and bytes from the front of an input; zero behind its end.
class Taker {
 public:
  explicit Taker(std::span<const std::uint8_t> input) : input_(input) {}

  std::size_t size() const { return input_.size(); }
  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const std::uint8_t first = input_.front();
    input_ = input_.subspan(1);
    return first;
  }
  std::string_view bytes(std::size_t most) {
    const auto front = input_.first(std::min(most, input_.size()));
    input_ = input_.subspan(front.size());
    return {reinterpret_cast<const char*>(front.data()), front.size()};
  }

 private:
  std::span<const std::uint8_t> input_;
};

void put(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned left = bytes; left > 0; --left) out += static_cast<char>(value >> ((left - 1) * 8));
}

// A whole frame around a body.
std::string framed(const ApiInfo& api, std::int16_t version, std::string_view body) {
  constexpr std::string_view kClient = "fuzz";
  std::string inner;
  put(inner, static_cast<std::uint16_t>(api.key), 2);
  put(inner, static_cast<std::uint16_t>(version), 2);
  put(inner, 7, 4);
  put(inner, kClient.size(), 2);
  inner += kClient;
  const bool removed = api.request == nullptr;
  if (!removed && protocol::request_header_version(api, version) >= 2) inner += '\0';
  inner += body;
  std::string frame;
  put(frame, static_cast<std::uint32_t>(inner.size()), 4);
  return frame + inner;
}

const ApiInfo& api_of(std::uint8_t byte) {
  const ApiInfo* known = protocol::find_api(byte);
  const auto all = protocol::all_apis();
  return known != nullptr ? *known : all[byte % all.size()];
}

std::string frames_of(Taker& input) {
  std::string frames;
  for (std::size_t each = 0; each < kMostRequests && input.size() >= kFront; ++each) {
    const ApiInfo& api = api_of(input.byte());
    const auto version = static_cast<std::int16_t>(static_cast<std::int8_t>(input.byte()));
    const std::size_t high = input.byte();
    const std::size_t size = high * 256 + input.byte();
    frames += framed(api, version, input.bytes(size));
  }
  return frames;
}

std::string replaced(std::string_view text, std::string_view word, std::string_view by) {
  std::string out(text);
  for (std::size_t at = out.find(word); at != std::string::npos; at = out.find(word, at + by.size()))
    out.replace(at, word.size(), by);
  return out;
}

// A request as an input holds it.
std::string held(const ApiInfo& api, std::int16_t version, std::string_view body) {
  std::string out;
  out += static_cast<char>(api.key);
  out += static_cast<char>(version);
  put(out, static_cast<std::uint32_t>(body.size()), 2);
  return out.append(body);
}

std::string encoded_body(const ApiInfo& api, std::int16_t version, const void* request) {
  const protocol::Encodable part(*api.request, request, version);
  auto bytes = protocol::encode(std::span(&part, 1), protocol::Prefix::none);
  if (!bytes.ok()) return {};
  return std::string(bytes->flatten().as_string_view());
}

const ApiInfo& api_named(std::string_view name) {
  const auto apis = protocol::all_apis();
  const auto found = std::ranges::find(apis, name, &ApiInfo::name);
  OTTLA_INVARIANT(found != apis.end(), "a sample of an API that there is not", name);
  return *found;
}

std::string base64(std::span<const std::byte> bytes) {
  return base64_encode(bytes, Base64Alphabet::standard, Base64Padding::equals);
}

// One record with a key, as a producer sends it.
std::string batch_text() {
  constexpr std::string_view kKey = "key";
  constexpr std::string_view kValue = "value";
  record::BatchBuilder builder({});
  builder.append(
      {.timestamp = 1000, .key = std::as_bytes(std::span(kKey)), .value = std::as_bytes(std::span(kValue))});
  const Slice batch = std::move(builder).finish();
  return base64(batch.as_span());
}

// A question that any broker passes on.
std::string forwarded_text() {
  const protocol::ListPartitionReassignmentsRequest about_all = {.timeout_ms = 100};
  const protocol::Encodable part(about_all, 0);
  const auto body = protocol::encode(std::span(&part, 1), protocol::Prefix::none);
  const std::string frame = framed(api_named("ListPartitionReassignments"), 0,
                                   std::string(body.value().flatten().as_string_view()));
  return base64(std::as_bytes(std::span(frame)).subspan(sizeof(std::uint32_t)));
}

std::string sample_input(const Sample& sample) {
  Budget budget("sample", std::size_t{1} << 20U);
  Arena arena(budget);
  const ApiInfo& api = api_named(sample.api);
  void* request = arena.allocate(kLargestStructure);
  const std::string id =
      base64_encode(std::as_bytes(std::span(kIdOfOrders)), Base64Alphabet::url, Base64Padding::none);
  std::string json = replaced(replaced(sample.json, "$id", id), "$batch", batch_text());
  std::uint64_t epoch = 0;
  for (const char each : kEpochOfBroker) epoch = epoch << 8U | static_cast<std::uint8_t>(each);
  json = replaced(replaced(json, "$forwarded", forwarded_text()), "$epoch", std::to_string(epoch));
  const auto read = protocol::from_json(*api.request, json, sample.version, arena, request);
  OTTLA_INVARIANT(read.ok(), "a sample cannot be read", sample.api, read.error());
  return held(api, sample.version, encoded_body(api, sample.version, request));
}

std::string random_input(std::uint64_t seed) {
  Budget budget("random request", kMostRequestMemory);
  Arena arena(budget);
  protocol::RandomBits bits(seed);
  const auto apis = protocol::all_apis();
  const ApiInfo& api = apis[bits.below(apis.size())];
  if (api.request == nullptr || api.request->versions.empty()) return {};
  const protocol::Versions versions = api.request->versions;
  const auto count = static_cast<std::uint64_t>(versions.last - versions.first + 1);
  const auto version =
      static_cast<std::int16_t>(versions.first + static_cast<std::int16_t>(bits.below(count)));
  void* request = arena.allocate(api.request->root->size, api.request->root->alignment);
  std::memcpy(request, api.request->root->initial, api.request->root->size);
  protocol::RandomMessages random(bits.next(), arena, {.large_values = false, .most_bytes = 2048});
  random.fill(*api.request, version, request);
  return held(api, version, encoded_body(api, version, request));
}

// A node, two topics on it, and what must hold whatever comes.
class Life {
 public:
  Life()
      : world_(7, {"auto.create.topics.enable=true", "ottla.memory=67108864",
                   "broker.session.timeout.ms=600000"}) {
    OTTLA_INVARIANT(world_.start(), "the node does not start", world_.failure());
    const protocol::CreateTopicsRequest::CreatableTopicConfig compacts[] = {
        {.name = "cleanup.policy", .value = "compact"}};
    const protocol::CreateTopicsRequest::CreatableTopic topics[] = {
        {.name = "orders", .num_partitions = 3, .replication_factor = 1},
        {.name = "keyed", .num_partitions = 1, .replication_factor = 1, .configs = compacts}};
    const auto made = world_.ask(protocol::CreateTopicsRequest{.topics = topics, .timeout_ms = 10'000}, 7);
    const auto response = world_.read<protocol::CreateTopicsResponse>(made);
    OTTLA_INVARIANT(response.topics.size() == 2, "topics cannot be made", response.topics.size());
    const Uuid id = response.topics[0].topic_id;
    put(id_, id.high(), sizeof(std::uint64_t));
    put(id_, id.low(), sizeof(std::uint64_t));
    const metadata::SharedImage now = image();
    const metadata::BrokerRegistration* broker = now->cluster.broker(NodeId(1));
    OTTLA_INVARIANT(broker != nullptr, "the broker is not registered", id_);
    put(epoch_, static_cast<std::uint64_t>(broker->epoch), sizeof(std::uint64_t));
  }

  bool old() const { return inputs_ >= kInputsOfALife; }

  void send(std::string_view bytes, std::uint16_t port) {
    ++inputs_;
    (void)world_.send_raw(replaced(replaced(bytes, kIdOfOrders, id_), kEpochOfBroker, epoch_), port,
                          kPatience);
    check();
  }
  void end() { OTTLA_INVARIANT(world_.stop(), "the node does not stop", inputs_); }

 private:
  void check() {
    const auto violations = world_.world().violations();
    OTTLA_INVARIANT(violations.empty(), "a promise of the world was broken", violations.front());
    OTTLA_INVARIANT(world_.node() != nullptr, "the node has gone", world_.failure());
    const std::string broken = metadata::broken_invariant(*image());
    OTTLA_INVARIANT(broken.empty(), "the metadata are broken", broken);
    if (inputs_ % 8 != 0) return;
    const protocol::ApiVersionsRequest named = {.client_software_name = "fuzz",
                                                .client_software_version = "1"};
    OTTLA_INVARIANT(world_.ask(named, 3).ok(), "the node serves nobody any more", inputs_);
    const protocol::MetadataRequest about = {
        .topics = protocol::Array<protocol::MetadataRequest::MetadataRequestTopic>::null()};
    OTTLA_INVARIANT(world_.ask(about, 12).ok(), "the node tells nobody what there is", inputs_);
  }

  metadata::SharedImage image() {
    const Shard::Scope scope(world_.host().incarnation().home(0).shard());
    return world_.node()->image();
  }

  NodeWorld world_;
  std::string id_;
  std::string epoch_;
  int inputs_ = 0;
};

std::unique_ptr<Life>& life() {
  static std::unique_ptr<Life> current;
  if (!current) current = std::make_unique<Life>();
  return current;
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> kAll = [] {
    std::vector<std::string> all;
    for (const Sample& each : kSamples) all.push_back(sample_input(each));
    return all;
  }();
  return kAll;
}

bool is_served(const ApiInfo& api, char to) {
  const auto key = static_cast<protocol::ApiKey>(api.key);
  return (to == kToBroker ? broker_handlers() : controller_handlers()).find(key) != nullptr;
}

// An API that is served and begun from nowhere would be fuzzed with random requests only.
void expect_samples_of_all() {
  for (const ApiInfo& api : protocol::all_apis()) {
    const bool sampled = std::ranges::find(kSamples, api.name, &Sample::api) != std::end(kSamples);
    OTTLA_INVARIANT(sampled || !(is_served(api, kToBroker) || is_served(api, kToController)),
                    "test/node/sample_requests.h has no request of an API that is served", api.name);
  }
}

void write_corpus(const std::string& folder) {
  for (std::size_t each = 0; each < samples().size(); ++each) {
    const Sample& sample = kSamples[each];
    for (const char to : {kToBroker, kToController}) {
      if (!is_served(api_named(sample.api), to)) continue;
      const char* listener = to == kToBroker ? "broker" : "controller";
      std::ofstream file(
          folder + "/" + std::string(sample.api) + "-" + std::to_string(sample.version) + "-" + listener,
          std::ios::binary);
      file << to << samples()[each];
      OTTLA_INVARIANT(file.good(), "an input cannot be written", sample.api);
    }
  }
}

// The first byte says to whom, and whether what follows is requests or just bytes.
void run(std::span<const std::uint8_t> bytes) {
  Taker input(bytes);
  const std::uint8_t kind = input.byte();
  const std::uint16_t port = kind % 4 == 0 ? NodeWorld::kControllerPort : NodeWorld::kPort;
  const std::string sent = kind >= 240 ? std::string(input.bytes(input.size())) : frames_of(input);
  life()->send(sent, port);
  if (!life()->old()) return;
  life()->end();
  life().reset();
}

// Now and then a request that means something, or a random one, is added.
std::size_t add(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::string more = seed % 3 == 0 ? random_input(seed) : samples()[seed / 8 % samples().size()];
  const std::size_t front = size == 0 ? 1 : 0;
  if (more.empty() || size + front + more.size() > most) return size;
  if (front != 0) data[0] = static_cast<std::uint8_t>(seed % 240);
  std::memcpy(data + size + front, more.data(), more.size());
  return size + front + more.size();
}

}  // namespace
}  // namespace ottla::server

extern "C" int LLVMFuzzerInitialize(const int* count, char*** words) {
  constexpr std::string_view kWrite = "--write-corpus=";
  ottla::server::expect_samples_of_all();
  for (const std::string_view word : std::span(*words, static_cast<std::size_t>(*count))) {
    if (!word.starts_with(kWrite)) continue;
    ottla::server::write_corpus(std::string(word.substr(kWrite.size())));
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ottla::server::run({data, size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  if (size <= 1 || seed % 4 == 0) return ottla::server::add(data, size, most, seed);
  return LLVMFuzzerMutate(data, size, most);
}
