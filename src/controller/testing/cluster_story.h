// A small language of what happens to a cluster, one line an event, and what the controller answers.
//
//   register ID [rack=R] [dirs=1,2] [incarnation=N] [previous=EPOCH|last] [cluster=X] [version=V] [features=a:0-1,…]
//                                                                       EPOCH
//   beat ID [fence] [shutdown] [offset=N] [epoch=N] [offline=1] [cordoned=1]     caught-up, fenced, may go
//   live ID …            (registers it and beats until it is unfenced)
//   unregister ID       controller ID [rack…]     unregister-controller ID
//   create NAME [parts=N] [repl=N] [assign=1,2/2,3] [KEY=VALUE…] [validate]
//   delete NAME         delete-id INDEX-OF-CREATION
//   grow NAME COUNT [assign=1,2/2,3] [validate]
//   isr NAME PART LEADER 1,2 [epochs=-1,7] [lepoch=N] [pepoch=N] [recovering]    (epochs are the current ones otherwise)
//   elect preferred|unclean NAME PART | elect preferred|unclean *
//   move NAME PART 3,4 [same-size]      cancel NAME PART       moving [NAME PART]
//   dirs ID DIR NAME PART [epoch=N]
//   topic-config NAME KEY=VALUE         cluster-config KEY=VALUE
//   pass SECONDS        silence         balance       unclean      (what time asks for)
//   fail-over
//   show NAME PART      brokers
//
// Answers:  "ok", "CODE", "CODE: text", or what was asked for; several results are divided by "; ".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/testing/test_cluster.h"

namespace ottla::controller::testing {

class ClusterStory {
 public:
  explicit ClusterStory(const TestSetup& setup = {}) : cluster_(setup) {}

  std::string tell(std::string_view line);
  // Lines that must be answered without an error code.
  ClusterStory& tell_all(const std::vector<std::string_view>& lines);
  TestCluster& cluster() { return cluster_; }

 private:
  class Line;

  std::string register_broker(const Line& line);
  std::string beat(const Line& line);
  std::string live(const Line& line);
  std::string controller(const Line& line);
  std::string create(const Line& line);
  std::string remove(const Line& line);
  std::string grow(const Line& line);
  std::string isr(const Line& line);
  std::string elect(const Line& line);
  std::string move(const Line& line);
  std::string moving(const Line& line);
  std::string dirs(const Line& line);
  std::string configure(const Line& line);
  std::string show(const Line& line) const;
  std::string brokers() const;
  std::int64_t epoch_of(std::int32_t broker) const;
  Uuid id_of(std::string_view topic) const;

  TestCluster cluster_;
  std::vector<Uuid> created_;
};

// "NAME" or "NAME: text"; "ok" for none.
std::string shown_error(std::int16_t code, protocol::NullableText message);

}  // namespace ottla::controller::testing
