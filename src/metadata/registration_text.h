// Nodes and partitions as texts, in the reference's own form, for logs and the metadata shell.
#pragma once

#include <string>

#include "metadata/partition.h"
#include "metadata/registration.h"

namespace ottla::metadata {

std::string text_of(const BrokerRegistration& broker);
std::string text_of(const ControllerRegistration& controller);
std::string text_of(const Partition& partition);

}  // namespace ottla::metadata
