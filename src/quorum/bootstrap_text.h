// What a cluster begins with, as the reference's storage tool prints it; but for what credentials are made of.
//
// Concurrency: pure.
#pragma once

#include <string>

#include "metadata/bootstrap.h"

namespace ottla::quorum {

std::string text_of(const metadata::Bootstrap& bootstrap);

}  // namespace ottla::quorum
