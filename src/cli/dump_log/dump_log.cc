#include "cli/dump_log/dump_log.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/file_dump.h"
#include "cli/dump_log/json_report.h"
#include "cli/dump_log/record_decoder.h"
#include "cli/dump_log/report.h"
#include "cli/dump_log/text_report.h"
#include "cli/java_path.h"
#include "cli/options/option_parser.h"
#include "cli/options/option_table.h"
#include "cli/options/parsed_options.h"
#include "cli/options/usage.h"
#include "cli/output.h"
#include "cli/tool.h"
#include "runtime/task.h"

namespace ottla::cli {
namespace {

constexpr std::string_view kStringDecoder = "org.apache.kafka.tools.api.StringDecoder";

constexpr std::array kOptions = {
    Option{.name = "files",
           .argument = Argument::required,
           .placeholder = "file,...",
           .meaning = "Required. The files: segments (.log), their indexes (.index, .timeindex, .txnindex), "
                      "snapshots of "
                      "producers (.snapshot) and of cluster metadata (.checkpoint)."},
    Option{.name = "print-data-log", .meaning = "Print keys and values too. Any decoder implies it."},
    Option{.name = "deep-iteration",
           .meaning = "Go through the records, not only the batches. --print-data-log implies it."},
    Option{.name = "skip-record-metadata",
           .meaning = "Print nothing of a record but its key and value; nothing of control records."},
    Option{.name = "verify-index-only", .meaning = "Compare an index with its log without printing it."},
    Option{
        .name = "index-sanity-check",
        .meaning = "Check an index only as a broker does when it starts, to decide whether to rebuild it."},
    Option{.name = "max-message-size",
           .argument = Argument::required,
           .placeholder = "bytes",
           .meaning = "The largest batch to which an index may point.",
           .fallback = "5242880"},
    Option{.name = "max-bytes",
           .argument = Argument::required,
           .placeholder = "bytes",
           .meaning = "How much of a segment to read.",
           .fallback = "2147483647"},
    Option{
        .name = "value-decoder-class",
        .argument = Argument::optional,
        .placeholder = "class",
        .meaning =
            "How to show values: a decoder class of Apache Kafka, which is built in here. "
            "org.apache.kafka.tools.api. and StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder.",
        .fallback = kStringDecoder},
    Option{.name = "key-decoder-class",
           .argument = Argument::optional,
           .placeholder = "class",
           .meaning = "How to show keys; as --value-decoder-class.",
           .fallback = kStringDecoder},
    Option{.name = "offsets-decoder", .meaning = "Show records as those of __consumer_offsets."},
    Option{.name = "transaction-log-decoder", .meaning = "Show records as those of __transaction_state."},
    Option{.name = "cluster-metadata-decoder", .meaning = "Show records as those of __cluster_metadata."},
    Option{.name = "remote-log-metadata-decoder",
           .meaning = "Show records as those of __remote_log_metadata."},
    Option{.name = "share-group-state-decoder", .meaning = "Show records as those of __share_group_state."},
    Option{.name = "output",
           .alias = "o",
           .argument = Argument::required,
           .placeholder = "text|json",
           .meaning = "json: one JSON object a line, for programs. Only here, not in Apache Kafka.",
           .fallback = "text"},
};

constexpr OptionTable kTable = {
    .tool = "dump-log",
    .purpose =
        "Prints what lies in the files of a partition's directory, and compares indexes with their log.",
    .options = kOptions};

constexpr std::array<std::string_view, 1> kRequired = {"files"};

// The first that was given, in this order.
Result<std::unique_ptr<RecordDecoder>> make_decoder(const ParsedOptions& options) {
  if (options.has("offsets-decoder")) return make_coordinator_decoder("__consumer_offsets");
  if (options.has("transaction-log-decoder")) return make_coordinator_decoder("__transaction_state");
  if (options.has("cluster-metadata-decoder")) return make_metadata_decoder();
  if (options.has("remote-log-metadata-decoder")) return make_remote_metadata_decoder();
  if (options.has("share-group-state-decoder")) return make_coordinator_decoder("__share_group_state");
  OTTLA_TRY(const std::string_view value, options.value("value-decoder-class"));
  OTTLA_TRY(const std::string_view key, options.value("key-decoder-class"));
  return make_class_decoder(key, value);
}

DumpWishes wishes_of(const ParsedOptions& options) {
  DumpWishes wishes;
  for (const std::string_view name :
       {"print-data-log", "offsets-decoder", "transaction-log-decoder", "cluster-metadata-decoder",
        "remote-log-metadata-decoder", "value-decoder-class", "key-decoder-class",
        "share-group-state-decoder"}) {
    wishes.contents = wishes.contents || options.has(name);
  }
  wishes.deep = wishes.contents || options.has("deep-iteration");
  wishes.metadata = !options.has("skip-record-metadata");
  wishes.verify_only = options.has("verify-index-only");
  wishes.sanity_only = options.has("index-sanity-check");
  return wishes;
}

// Between commas; empty ones at the end do not count.
std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  if (parts.size() == 1 && parts[0].empty() && !list.empty()) parts.clear();
  return parts;
}

std::unique_ptr<Report> make_report(ToolContext& context, const DumpWishes& wishes, bool json) {
  if (json) return std::make_unique<JsonReport>(context.out, context.err, wishes.metadata, wishes.contents);
  return std::make_unique<TextReport>(context.out, context.err, wishes.metadata);
}

class Run {
 public:
  Run(ToolContext& context, const ParsedOptions& options, Report& report, DumpWishes wishes)
      : options_(options),
        parts_{.files = context.files,
               .report = report,
               .wishes = wishes,
               .working_directory = context.working_directory} {}

  Task<Result<>> all() {
    OTTLA_CO_TRY(const std::string_view list, options_.value("files"));
    for (const std::string& each : split(list)) {
      std::string path = tidy_path(each);
      parts_.report.file(path);
      OTTLA_CO_CHECK(co_await one(std::move(path)));
      if (parts_.report.stopped()) break;
    }
    parts_.disagreements.tell(parts_.report);
    co_return Result<>();
  }

 private:
  // Options are looked at when they are needed, and not before, as in the reference.
  Task<Result<>> one(std::string path) {
    const std::string_view name = file_name_of(path);
    const std::size_t point = name.rfind('.');
    const std::string_view suffix = point == std::string_view::npos ? std::string_view() : name.substr(point);
    if (suffix == ".log" || suffix == ".checkpoint") {
      if (!decoder_) {
        OTTLA_CO_TRY(decoder_, make_decoder(options_));
      }
      parts_.decoder = decoder_.get();
      OTTLA_CO_TRY(parts_.wishes.max_bytes, options_.int32("max-bytes"));
      co_return co_await dump_log_file(parts_, std::move(path));
    }
    if (suffix == ".index") {
      OTTLA_CO_TRY(parts_.wishes.max_message_size, options_.int32("max-message-size"));
      co_return co_await dump_offset_index(parts_, std::move(path));
    }
    if (suffix == ".timeindex") co_return co_await dump_time_index(parts_, std::move(path));
    if (suffix == ".txnindex") co_return co_await dump_transaction_index(parts_, std::move(path));
    if (suffix == ".snapshot") co_return co_await dump_producer_snapshot(parts_, std::move(path));
    parts_.report.unknown_file(path);
    co_return Result<>();
  }

  const ParsedOptions& options_;
  DumpParts parts_;
  std::unique_ptr<RecordDecoder> decoder_;
};

int refuse(ToolContext& context, const Error& error) {
  context.err.write(fmt::format("{}\nottla {} --help lists the options\n", error.text(), kTable.tool));
  return 1;
}

}  // namespace

const OptionTable& dump_log_options() {
  return kTable;
}

Task<int> dump_log(ToolContext& context, std::vector<std::string> words) {
  const Result<ParsedOptions> options = parse_options(kTable, words);
  if (!options.ok()) co_return refuse(context, options.error());
  if (const std::optional<EarlyEnd> end = early_end(kTable, *options, !words.empty(), kRequired)) {
    context.out.write(end->out);
    context.err.write(end->err);
    co_return end->code;
  }
  const Result<std::string_view> form = options->value("output");
  if (!form.ok()) co_return refuse(context, form.error());
  if (*form != "text" && *form != "json") {
    co_return refuse(context, Error(Errc::invalid_argument, fmt::format("--output {}: text or json", *form)));
  }
  const DumpWishes wishes = wishes_of(*options);
  const std::unique_ptr<Report> report = make_report(context, wishes, *form == "json");
  Run run(context, *options, *report, wishes);
  const Result<> done = co_await run.all();
  if (done.ok()) co_return 0;
  report->problem(done.error());
  co_return 1;
}

}  // namespace ottla::cli
