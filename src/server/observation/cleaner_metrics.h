// What the cleaners of a node do, under the names that dashboards for the reference know.
//
// Concurrency: pure.
#pragma once

#include <vector>

#include "replica/replica_gauges.h"
#include "server/observation/prometheus_text.h"
#include "server/observation/replica_metrics.h"

namespace ottla::server {

// Nothing where nothing is cleaned.
void tell_cleaner(const replica::CleanerGauges& cleaner, const std::vector<DirectoryState>& directories,
                  PrometheusText& text);

}  // namespace ottla::server
