// An administrator: asks the node for random things, one after the other, and notes in the ledger what it was told.
//
// Each one has topics, quotas and users of its own, so that nobody else changes what it changes; the first one alters
// brokers and features, too.
//
// Use:         host.start([&](Process&, Cancel cancel) -> Task<int> {
//                Admin admin(terms, ledger, ears);   co_return co_await admin.run(cancel); });
// Lifetime:    of its process. The ledger outlives that.
// Concurrency: confined to its process.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "protocol/fields.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "test/node/admin/admin_plant.h"
#include "test/node/admin/ledger.h"
#include "test/node/admin/things.h"
#include "test/node/life/line.h"

namespace ottla::server {

class Admin {
 public:
  struct Terms {
    std::size_t index = 0;
    AdminPlant plant = AdminPlant::none;
    Address broker;
    Address controller;
    std::string other_directory = {};  // empty: the node has one alone
  };
  struct Ears {
    std::function<void()> acked;  // something is said to be done
    std::function<void(std::string)> accuse;
    std::function<void(std::int64_t)> producer_id;
    std::function<bool()> finishes;
    // "NAME-PARTITION" of all that the node should have now.
    std::function<std::multiset<std::string>()> partitions;
  };
  Admin(Terms terms, Ledger& ledger, Ears ears);

  // Until it is time to finish: then it looks at all that is its own once more, and creates a last topic.
  Task<int> run(Cancel cancel);

 private:
  struct Answer {
    std::int16_t code;
    std::string text = {};
  };
  // Of the keys that are altered, what each is set to; empty: it goes back to its default.
  using Alterations = std::vector<std::pair<std::string, std::string>>;

  // --- Requests that change something ----------------------------------------------------------------------
  Task<void> create(std::string topic);
  Task<void> remove(std::string topic);
  Task<void> grow(std::string topic);
  Task<void> alter_configs(Ledger::Ticket ticket, std::int8_t type, std::string name,
                           Alterations alterations);
  Task<void> alter_topic(std::string topic);
  Task<void> replace_topic_configs(std::string topic);
  Task<void> alter_broker(std::string broker);
  Task<void> alter_quota(std::string user);
  Task<void> alter_credential(std::string user, std::int8_t mechanism);
  Task<void> update_feature();
  Task<void> register_member();
  Task<void> unregister_member();
  Task<void> reassign(std::string topic);
  // --- And those that change nothing that is kept here -----------------------------------------------------
  Task<void> take_producer_id();
  Task<void> elect();
  Task<void> move_logs();

  // --- Requests that look ----------------------------------------------------------------------------------
  // True when what is shown agrees with the ledger, or nothing was shown.
  Task<bool> look_at_topic(std::string topic);
  Task<bool> look_at_configs(std::string thing, std::int8_t type, std::string name);
  Task<bool> look_at_quota(std::string user);
  Task<bool> look_at_credential(std::string user, std::int8_t mechanism);
  Task<bool> look_at_features();
  // What was asked for is in force soon.
  Task<void> expect(std::string what, std::function<Task<bool>()> look);
  Task<void> look_at_all();
  Task<bool> look_at_logs();

  Task<void> do_something();
  Task<void> change_something();
  Task<void> look_at_something();
  Task<void> change_topic();
  Task<void> finish_up();

  // `steps` on the way: what one request makes of the thing. Nothing when too much is open there.
  std::optional<Ledger::Ticket> begin(const std::string& thing, Step step);
  // Nothing: nobody knows.
  void settle(Ledger::Ticket ticket, std::optional<Answer> answer);
  Task<std::optional<rpc::Reply>> ask(protocol::Encodable request);
  template <protocol::Message Response, typename Pick>
  Task<void> ask_for_change(Ledger::Ticket ticket, protocol::Encodable request, Pick pick);
  static Answer answered(std::int16_t code, protocol::NullableText text);
  // Without an answer nothing is wrong, unless all is well: then one must come.
  bool must_answer() const { return ears_.finishes() && !cancel_.requested(); }
  bool stops() const { return ears_.finishes() || cancel_.requested(); }

  std::uint64_t below(std::uint64_t bound);
  bool one_in(std::uint64_t many) { return below(many) == 0; }
  std::string any_topic();
  std::string any_user();

  const Terms terms_;
  Ledger& ledger_;
  const Ears ears_;
  Line line_;
  Line controller_line_;
  Cancel cancel_;
  std::string shown_;  // last, for people
};

}  // namespace ottla::server
