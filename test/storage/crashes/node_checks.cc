// What is there after a start, held against what is known.
#include <map>
#include <utility>

#include "storage/directory/load_directory.h"
#include "test/storage/crashes/node_life.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

constexpr const char* kKindNames[] = {"high watermark", "recovery point", "log start", "cleaner"};

std::string show(std::optional<std::int64_t> value) {
  return value ? std::to_string(*value) : "nothing";
}

}  // namespace

bool NodeSubject::Said::may_be(std::optional<std::int64_t> value) const {
  if (value == now || (is_changing && value == next)) return true;
  return is_lowered && value && now && *value <= *now;
}

// --- Starts -------------------------------------------------------------------------------------------------

Task<bool> NodeSubject::open(Life& life) {
  LogSet::Options options;
  options.tools = life.box.tools();
  options.config_of = [](const std::string&) {
    LogConfig config{.segment_bytes = 420, .index_interval_bytes = 100};
    config.retention_ms = LogConfig::Millis(-1);
    config.file_delete_delay_ms = LogConfig::Millis(0);
    return std::make_shared<const LogConfig>(config);
  };
  options.home = &life.home;
  options.producers = {.verifies_transactions = false};
  life.logs.emplace(std::move(options));
  for (std::size_t i = 0; i < kDirectories; ++i) {
    if (!co_await open_directory(life, i)) co_return false;
  }
  for (std::size_t i = 0; i < kDirectories; ++i) {
    if (!co_await load(life, i)) co_return false;
  }
  end_changes();
  co_return true;
}

Task<bool> NodeSubject::open_directory(Life& life, std::size_t which) {
  Said& mark = facts_.clean[which];
  const Said before = mark;
  if (before.may_be(1)) mark.now = 1;  // until it is taken away
  mark.begin(std::nullopt);
  auto opened = co_await LogDirectory::open(life.files, kPaths[which]);
  if (!fine("open a log directory", opened.ok() ? Result<void>() : opened.error())) co_return false;
  life.directories[which] = std::move(*opened);
  LogDirectory& directory = *life.directories[which];
  if (!fine("begin with a log directory", co_await directory.begin())) co_return false;
  life.home.add(directory);
  if (!before.may_be(directory.was_clean() ? std::optional<std::int64_t>(1) : std::nullopt))
    find(std::string(kPaths[which]) + (directory.was_clean() ? " says" : " does not say") +
         " that it was closed");
  mark = {};
  life.was_clean |= directory.was_clean();
  const auto& identity = directory.identity();
  const std::optional<std::int64_t> named = identity ? std::optional<std::int64_t>(1) : std::nullopt;
  if (!facts_.identities[which].may_be(named))
    find(std::string(kPaths[which]) + " has another identity than it was given");
  facts_.identities[which] = {.now = named};
  if (identity && identity->cluster_id != "cluster") find("a directory is of another cluster");
  co_return good() && co_await look_at_checkpoints(life, which);
}

Task<bool> NodeSubject::look_at_checkpoints(Life& life, std::size_t which) {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const auto read = co_await life.directories[which]->read_checkpoint(static_cast<OffsetCheckpoint>(kind));
    if (!fine("read a checkpoint", read.ok() ? Result<void>() : read.error())) co_return false;
    if (read->damage) find("a checkpoint is damaged: " + read->damage->to_string());
    std::optional<std::int64_t> value;
    for (const PartitionOffset& each : read->offsets) {
      if (each.partition == the_partition()) value = each.offset.raw();
    }
    Said& said = facts_.checkpoints[which][kind];
    if (!said.may_be(value)) {
      find(std::string(kPaths[which]) + ": the " + kKindNames[kind] + " is " + show(value) + ", not " +
           show(said.now));
    }
    said = {.now = value};
    said.is_lowered = true;  // until all is loaded
  }
  co_return good();
}

Task<bool> NodeSubject::load(Life& life, std::size_t which) {
  const auto loaded = co_await load_directory(*life.directories[which], *life.logs, {});
  if (!fine("load a log directory", loaded.ok() ? Result<void>() : loaded.error())) co_return false;
  for (const LoadOutcome::Failure& failure : loaded->failures) {
    life.found_twice |= failure.error == Errc::invalid_argument;
    if (failure.error == Errc::invalid_argument && facts_.where.in_both) continue;
    find("cannot be opened: " + failure.folder + ": " + failure.error.to_string());
  }
  co_return good();
}

// --- What is there ------------------------------------------------------------------------------------------

Task<void> NodeSubject::look(Life& life) {
  if (!look_where(life)) co_return;
  Log* const log = life.log();
  if (Log* const future = life.future(); future != nullptr) {
    if (!facts_.future_is_ahead && !co_await look_into(*future, true)) co_return;
    facts_.future_is_ahead |= log == nullptr || future->log_end() > log->log_end();
  }
  if (log == nullptr) {
    // What is not there any more, or never was.
    facts_.model = LogModel();
    facts_.least_start = facts_.most_start = Offset(0);
    facts_.epoch = 0;
    co_return;
  }
  const auto id = life.logs->topic_id(the_partition());
  if (facts_.is_named ? id != kTopicId : id && id != kTopicId) co_return find("the log is of another topic");
  facts_.is_named = id.has_value();
  if (!co_await look_into(*log, false)) co_return;
  if (life.was_clean && log->log_end() != facts_.model.next())
    co_return find("a clean stop lost the log's end");
  const LogModel& model = facts_.model;
  std::map<std::size_t, Offset> unsettled;
  for (std::size_t i = model.settled(); i < model.batches().size(); ++i) {
    if (model.batches()[i].last < log->log_end()) unsettled[i] = model.batches()[i].base;
  }
  facts_.model.came_back(log->log_start(), log->log_end(), unsettled);
  facts_.least_start = facts_.most_start = log->log_start();
  facts_.restarting_at = Offset(-1);
}

bool NodeSubject::look_where(Life& life) {
  const Log* const log = life.log();
  const Whereabouts& where = facts_.where;
  const bool fits = log == nullptr             ? where.nowhere
                    : life.found_twice         ? where.in_both
                    : life.place_of(*log) == 0 ? where.in_a
                                               : where.in_b;
  if (!fits) find(log == nullptr ? "the log is gone" : "there is a log in " + log->directory());
  const bool both = life.found_twice && where.in_both;
  facts_.where = {.nowhere = log == nullptr, .in_a = false, .in_b = false, .in_both = both};
  if (log != nullptr) (life.place_of(*log) == 0 ? facts_.where.in_a : facts_.where.in_b) = true;
  return good();
}

Task<bool> NodeSubject::look_into(Log& log, bool is_future) {
  log.forget_recent();
  std::string bytes;
  for (Offset at = log.log_start(); at < log.log_end();) {
    const Result<Fetched> fetched = co_await log.read({.start = at, .max_bytes = 1 << 16});
    if (!fine("read", fetched.ok() ? Result<void>() : fetched.error())) co_return false;
    const Result<std::string> some = co_await try_bytes_of(fetched->records.clone());
    if (!fine("read", some.ok() ? Result<void>() : some.error())) co_return false;
    if (some->empty()) break;
    bytes += *some;
    at = fetched->next;
  }
  co_return judge_batches(log, bytes, is_future);
}

// D15: a prefix of what was appended, which holds all that was durable.
bool NodeSubject::judge_batches(const Log& log, std::string_view bytes, bool is_future) {
  const char* const which = is_future ? "the future log" : "the log";
  const LogModel& model = facts_.model;
  for (const ModelBatch& batch : model.batches()) {
    if (batch.last < log.log_start()) continue;
    const bool is_there = bytes.starts_with(batch.bytes) && batch.last < log.log_end();
    if (is_there) {
      bytes.remove_prefix(batch.bytes.size());
      if (log.epochs().epoch_for(batch.last) != LeaderEpoch(batch.epoch)) {
        find(std::string(which) + " holds " + batch.base.to_string() +
             " as of another epoch: " + encode_leader_epochs(log.epochs().entries()));
      }
    } else if (!bytes.empty()) {
      find(std::string(which) + " holds something else than was appended at " + batch.base.to_string());
      return false;
    } else if (!is_future &&
               model.must_stand(batch, crashed_ ? LogModel::Death::machine : LogModel::Death::process)) {
      find(std::string(which) + " has lost " + batch.base.to_string() + ", and ends at " +
           log.log_end().to_string());
      return false;
    }
  }
  if (!bytes.empty()) find(std::string(which) + " holds more than was appended");
  const bool restarts = facts_.restarting_at >= Offset(0) && log.log_start() == facts_.restarting_at;
  if (!is_future && !restarts &&
      (log.log_start() < facts_.least_start || log.log_start() > facts_.most_start)) {
    find("the log begins at " + log.log_start().to_string() + ", not from " + facts_.least_start.to_string() +
         " to " + facts_.most_start.to_string());
  }
  return good();
}

}  // namespace ottla::storage
