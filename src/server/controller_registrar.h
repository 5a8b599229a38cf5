// Tells the active controller where this controller listens and which features it knows, as long as the cluster's
// metadata do not say so.
//
// Use:         group.spawn([&](Cancel cancel) { return registrar.run(cancel); });  and publish() of each image
// Lifetime:    run() must have ended before it is destroyed. The link outlives it.
// Concurrency: confined to the first shard.
#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/uuid.h"
#include "metadata/image.h"
#include "metadata/registration.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "server/controller_link.h"

namespace ottla::server {

class ControllerRegistrar {
 public:
  struct Options {
    NodeId id;
    Uuid incarnation;
    std::vector<metadata::Listener> listeners;
    std::vector<metadata::SupportedFeature> features;
  };
  ControllerRegistrar(Options options, ControllerLink& link, Logger log)
      : options_(std::move(options)), link_(link), log_(log) {}

  void see(const metadata::MetadataImage& image);
  Task<void> run(Cancel cancel);

 private:
  Task<Result<void>> send(Cancel cancel);

  const Options options_;
  ControllerLink& link_;
  Logger log_;
  bool due_ = false;  // the metadata let it register, and it is not registered as it is
  Event changed_;
};

}  // namespace ottla::server
