// A small language of records: what happens to a cluster, one line a record, and what is known of it then.
//
//   feature NAME LEVEL
//   broker ID epoch=N rack=R dirs=1,2 cordoned=1 listener=NAME fenced=0 shutdown=1
//   broker-change ID EPOCH fenced=1 shutdown=1 dirs=1,2 cordoned=1      unregister ID      fence|unfence ID EPOCH
//   controller ID                                                       unregister-controller ID
//   topic NAME N                 (N is its id)                          remove-topic N
//   partition N INDEX replicas=1,2 isr=1 leader=1 epoch=0 pepoch=0 dirs=7,8 adding= removing= elr= last= recovery=0
//   change N INDEX …             (the same words)                       clear-elr [NAME]
//   config TYPE NAME KEY=VALUE   (KEY alone takes it away)              quota user=a,ip= KEY=1.5
//   producer-ids N               acl N PRINCIPAL, remove-acl N          scram MECHANISM USER, remove-scram …
//   token ID OWNER RENEWER…      remove-token ID                        begin, end, abort, no-op
//
// Use: Story story;   story.tell("topic foo 1");   EXPECT_EQ(story.tell("remove-topic 2"), "…no such topic found.");
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metadata/image.h"

namespace ottla::metadata {

// The record that a line tells, as the log has it.
std::string record_of(std::string_view line);

// An image's records, each as TYPE and JSON.
std::vector<std::string> shown(const MetadataImage& image);

// Empty when the image has taken the record in, otherwise why it has not.
std::string replay_encoded(MetadataImage& image, std::string_view record);

class Story {
 public:
  // Empty, or the error.
  std::string tell(std::string_view line) { return replay_encoded(image, record_of(line)); }
  // Several lines of which none may be refused. Returns this story.
  Story& tell_all(const std::vector<std::string_view>& lines);

  MetadataImage image;
};

}  // namespace ottla::metadata
