#include "server/observation/accept_metrics.h"

#include <limits>
#include <string_view>

namespace ottla::server {

// Of a listener that kept nobody waiting it is no number, as with the reference.
void tell_accept_throttles(const std::vector<Acceptor::Throttles>& throttles, PrometheusText& text) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const auto tell = [&](std::string_view name, std::string_view help, auto of) {
    std::vector<PrometheusSample> samples;
    for (const Acceptor::Throttles& each : throttles)
      samples.push_back({.labels = {{"listener", each.listener}}, .value = of(each).value_or(kNone)});
    text.gauge(name, help, samples);
  };
  tell(
      "kafka_server_socket_server_metrics_connection_accept_throttle_time",
      "Milliseconds for which connections of the last minute waited, so that there are not too many a second",
      [](const Acceptor::Throttles& each) { return each.of_listener; });
  tell("kafka_server_socket_server_metrics_ip_connection_accept_throttle_time",
       "Milliseconds after which connections of the last minute were sent away: too many a second of one "
       "address",
       [](const Acceptor::Throttles& each) { return each.of_ip; });
}

}  // namespace ottla::server
