#include "controller/activation.h"

#include <string>

#include "base/budget.h"
#include "config/node_key.h"
#include "controller/state.h"
#include "metadata/config_resource.h"
#include "metadata/metadata_version.h"
#include "protocol/messages/cluster_metadata.h"

namespace ottla::controller {
namespace {

using metadata::MetadataImage;
using metadata::MetadataVersion;

void add_abort(RecordList& records) {
  protocol::AbortTransactionRecord record;
  record.reason = std::string_view("Controller failover");
  records.add(record, 0);
}

Error without_transactions(MetadataVersion version) {
  return {Errc::unsupported, "a transaction was begun in the metadata log, but metadata.version " +
                                 std::string(name_of(version)) +
                                 " has none: the log is not what it should be"};
}

// Where eligible replicas are kept, min.insync.replicas is one value of the whole cluster.
void add_min_insync(const ControllerOptions& options, RecordList& records) {
  const std::string value = std::to_string(options.config.get(config::node_key<"min.insync.replicas">));
  protocol::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(metadata::ConfigResourceType::broker);
  record.resource_name = "";
  record.name = "min.insync.replicas";
  record.value = std::string_view(value);
  records.add(record, 0);
}

Result<Activation> of_new_cluster(const ControllerOptions& options, bool in_transaction) {
  const metadata::Bootstrap& bootstrap = options.bootstrap;
  const bool transacts = has_transactions(bootstrap.version);
  if (in_transaction && !transacts) return without_transactions(bootstrap.version);
  Activation activation{.records = {}, .in_parts = transacts};
  RecordList& records = activation.records;
  if (in_transaction) add_abort(records);
  if (transacts) {
    protocol::BeginTransactionRecord begin;
    begin.name = std::string_view("Bootstrap records");
    records.add(begin, 0);
  }
  State made(options, {});
  for (const std::string& record : bootstrap.records) {
    OTTLA_CHECK(made.replay(std::as_bytes(std::span(record)), Offset(0)));
    records.add_encoded(Slice::copy_of(record));
  }
  if (made.elr_enabled()) add_min_insync(options, records);
  if (transacts) records.add(protocol::EndTransactionRecord(), 0);
  return activation;
}

}  // namespace

Result<Activation> activation_records(const ControllerOptions& options, const MetadataImage& image,
                                      bool in_transaction) {
  if (!image.features.metadata_version) return of_new_cluster(options, in_transaction);
  Activation activation;
  if (!in_transaction) return activation;
  if (!has_transactions(*image.features.metadata_version)) {
    return without_transactions(*image.features.metadata_version);
  }
  add_abort(activation.records);
  return activation;
}

}  // namespace ottla::controller
