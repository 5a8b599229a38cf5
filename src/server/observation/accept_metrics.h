// For how long connections were kept waiting, under the reference's names.
//
// Concurrency: pure.
#pragma once

#include <vector>

#include "server/acceptor.h"
#include "server/observation/prometheus_text.h"

namespace ottla::server {

void tell_accept_throttles(const std::vector<Acceptor::Throttles>& throttles, PrometheusText& text);

}  // namespace ottla::server
