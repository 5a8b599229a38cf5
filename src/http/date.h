// A moment as HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT".
#pragma once

#include <string>

#include "runtime/clock.h"

namespace ottla::http {

std::string http_date(WallTime time);

}  // namespace ottla::http
