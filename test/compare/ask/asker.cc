#include "test/compare/ask/asker.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/base64.h"
#include "base/json_text.h"
#include "base/json_value.h"
#include "protocol/api.h"
#include "protocol/json.h"
#include "protocol/messages/produce.h"
#include "runtime/shard.h"
#include "runtime/when.h"
#include "test/compare/ask/complete.h"
#include "test/compare/ask/copied_json.h"
#include "test/compare/ask/told_batches.h"

namespace ottla::node_compare {
namespace {

constexpr auto kPatience = std::chrono::seconds(8);
constexpr std::size_t kMostMemory = std::size_t{256} << 20U;

std::string_view next_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ptr == text.data() + text.size();
}

const protocol::ApiInfo* api_named(std::string_view name) {
  for (const protocol::ApiInfo& api : protocol::all_apis()) {
    if (api.request != nullptr && name == api.name) return &api;
  }
  return nullptr;
}

// A structure of a message, with its defaults.
void* initial(const protocol::StructureInfo& structure, Arena& arena) {
  void* memory = arena.allocate(structure.size, structure.alignment);
  if (memory != nullptr) std::memcpy(memory, structure.initial, structure.size);
  return memory;
}

bool is_answered_by_nothing(const protocol::ApiInfo& api, const void* request) {
  return api.key == protocol::ApiKey::produce &&
         static_cast<const protocol::ProduceRequest*>(request)->acks == 0;
}

// A reply of Fetch in which records are told instead of shown in base64.
Result<std::string> with_batches(std::string_view text, Arena& arena) {
  OTTLA_TRY(const JsonValue* reply, parse_json(text, arena));
  std::string told;
  JsonText out(told);
  copy_json(out, *reply, [](JsonText& into, const JsonValue& value) {
    if (value.name() != "records" || !value.text()) return false;
    const auto bytes = base64_decode(*value.text(), Base64Alphabet::standard);
    if (!bytes.ok()) return false;
    tell_batches(into, std::as_bytes(std::span(*bytes)));
    return true;
  });
  return told;
}

bool ended_by_server(const Error& error) {
  return error.code() == Errc::end_of_stream || error.code() == Errc::connection_reset;
}

}  // namespace

Asker::Asker(std::vector<std::string> servers)
    : servers_(std::move(servers)), memory_("asker", kMostMemory) {}

Task<std::string> Asker::ask(std::string line, Cancel cancel) {
  const Result<Question> question = understand(line);
  if (!question.ok()) co_return "error " + question.error().to_string();
  const Result<std::string> reply = co_await answer_to(*question, cancel);
  if (reply.ok()) co_return *reply;
  // What was said on a connection that failed is answered nowhere: the next question gets a new one.
  if (const auto old = connections_.extract(question->server); !old.empty()) co_await old.mapped()->close();
  if (ended_by_server(reply.error())) co_return "closed";
  if (reply.error() == Errc::connection_refused) co_return "refused";
  if (reply.error() == Errc::timed_out) co_return "silence";
  co_return "error " + reply.error().to_string();
}

Task<void> Asker::close() {
  for (const auto& [server, connection] : connections_) co_await connection->close();
  connections_.clear();
}

Result<Asker::Question> Asker::understand(std::string_view line) const {
  Question question;
  std::string_view rest = line;
  if (!read_number(next_word(rest), question.server) || question.server >= servers_.size()) {
    return Error(Errc::invalid_argument, fmt::format("no such server: {}", line));
  }
  const std::string_view api = next_word(rest);
  question.api = api_named(api);
  if (question.api == nullptr) return Error(Errc::invalid_argument, fmt::format("no such API: {}", api));
  if (!read_number(next_word(rest), question.version)) {
    return Error(Errc::invalid_argument, fmt::format("no version: {}", line));
  }
  question.json = rest;
  return question;
}

Task<Result<std::string>> Asker::answer_to(Question question, Cancel cancel) {
  Arena arena(memory_);
  const protocol::MessageInfo& message = *question.api->request;
  OTTLA_CO_TRY(const std::string whole, complete(message, question.json, question.version, arena));
  void* request = initial(*message.root, arena);
  void* response = initial(*question.api->response->root, arena);
  if (request == nullptr || response == nullptr) co_return Errc::out_of_budget;
  OTTLA_CO_CHECK(protocol::from_json(message, whole, question.version, arena, request));
  const protocol::Encodable encodable(message, request, question.version);
  if (is_answered_by_nothing(*question.api, request)) {
    OTTLA_CO_TRY(rpc::ClientConnection * connection, co_await connection_to(question.server, cancel));
    OTTLA_CO_CHECK(co_await connection->send(encodable, cancel));
    co_return "sent";
  }
  OTTLA_CO_TRY(const rpc::Reply reply, co_await exchange(question.server, encodable, cancel));
  OTTLA_CO_CHECK(protocol::decode(
      *question.api->response, {.bytes = reply.frame.as_span().subspan(reply.body), .version = reply.version},
      &arena, response));
  std::string text;
  protocol::append_json(text, *question.api->response, reply.version, response, protocol::kWholeJson);
  if (question.api->key != protocol::ApiKey::fetch) co_return "reply " + text;
  OTTLA_CO_TRY(const std::string told, with_batches(text, arena));
  co_return "reply " + told;
}

Task<Result<rpc::Reply>> Asker::exchange(std::size_t server, protocol::Encodable request, Cancel cancel) {
  OTTLA_CO_TRY(rpc::ClientConnection * connection, co_await connection_to(server, cancel));
  co_return co_await with_timeout(kPatience, cancel,
                                  [&](Cancel late) { return connection->call(request, late); });
}

Task<Result<rpc::ClientConnection*>> Asker::connection_to(std::size_t server, Cancel cancel) {
  if (const auto known = connections_.find(server); known != connections_.end())
    co_return known->second.get();
  const std::string& where = servers_[server];
  const std::size_t colon = where.rfind(':');
  std::uint16_t port = 0;
  if (colon == std::string::npos || !read_number(std::string_view(where).substr(colon + 1), port)) {
    co_return Error(Errc::invalid_argument, fmt::format("not HOST:PORT: {}", where));
  }
  Network& network = Shard::current().network();
  OTTLA_CO_TRY(const std::vector<Address> addresses,
               co_await network.resolve(where.substr(0, colon), port, cancel));
  OTTLA_CO_TRY(auto connection, co_await rpc::ClientConnection::connect(network, addresses.front(),
                                                                        {.client_id = "compare"}, cancel));
  co_return connections_.emplace(server, std::move(connection)).first->second.get();
}

}  // namespace ottla::node_compare
