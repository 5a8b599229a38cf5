// Quotas on new connections of addresses, as an image has them.
//
// Concurrency: pure.
#pragma once

#include "metadata/image.h"
#include "server/connection_limits.h"

namespace ottla::server {

// Null when nobody has one.
IpRateLookup ip_rates(const metadata::QuotasImage& quotas);

}  // namespace ottla::server
