// What DescribeClientQuotas answers.
//
// Lifetime:    the response points into the image and the arena.
// Concurrency: pure.
// Errors:      out_of_budget.
// Order:       that of the image's entities.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "metadata/image.h"
#include "protocol/error_code.h"
#include "protocol/messages/describe_client_quotas.h"

namespace ottla::metadata {

Result<> describe_client_quotas(const MetadataImage& image,
                                const protocol::DescribeClientQuotasRequest& request, Arena& arena,
                                protocol::DescribeClientQuotasResponse& response);

// Whether a filter chooses an entity; `strict`: an entity with other parts is not meant. The filter is good.
bool chooses(const protocol::Array<protocol::DescribeClientQuotasRequest::ComponentData>& filter, bool strict,
             const QuotaEntity& entity);

Result<> refuse_client_quotas(protocol::ErrorCode error, std::string_view message, Arena& arena,
                              protocol::DescribeClientQuotasResponse& response);

}  // namespace ottla::metadata
