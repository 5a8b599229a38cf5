// What a request must say beyond its form. Who sends one that does not is answered by nothing: its connection ends, as for
// bytes that are no request.
//
// Concurrency: pure.
#pragma once

#include "base/result.h"
#include "protocol/api_key.h"

namespace ottla::server {

// `request`: a structure of that API's request. Errors: malformed.
Result<> check_request(protocol::ApiKey key, const void* request);

}  // namespace ottla::server
