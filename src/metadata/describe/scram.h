// What DescribeUserScramCredentials answers: who has which credentials, never what they are.
//
// Lifetime:    the response points into the image, the request and the arena.
// Concurrency: pure.
// Errors:      out_of_budget.
// Order:       that of the request, each user once; of all users by name.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "metadata/image.h"
#include "protocol/messages/describe_user_scram_credentials.h"

namespace ottla::metadata {

Result<> describe_scram_credentials(const MetadataImage& image,
                                    const protocol::DescribeUserScramCredentialsRequest& request,
                                    Arena& arena, protocol::DescribeUserScramCredentialsResponse& response);

}  // namespace ottla::metadata
