package config;

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/** All definitions of the reference, by the names that our tables have. Writes "tables.theirs". */
final class Definitions {
  private Definitions() {}

  private static ConfigDef from(Class<?> owner, String name) throws Exception {
    Method method = owner.getDeclaredMethod(name);
    method.setAccessible(true);
    return (ConfigDef) method.invoke(null);
  }

  static Map<String, ConfigDef> all() throws Exception {
    return Map.of(
        "broker", AbstractKafkaConfig.CONFIG_DEF,
        "topic", from(LogConfig.class, "configDefCopy"),
        "group", GroupConfig.CONFIG_DEF,
        "client-metrics", from(ClientMetricsConfigs.class, "configDef"),
        "broker-throttle", from(QuotaConfig.class, "brokerQuotaConfigs"),
        "client-quota", from(QuotaConfig.class, "userAndClientQuotaConfigs"),
        "ip-quota", from(QuotaConfig.class, "ipConfigs"));
  }

  private static String otherwise(ConfigDef.ConfigKey key) {
    if (!key.hasDefault()) {
      return "<none>";
    }
    return key.defaultValue == null ? "<null>" : ConfigDef.convertToString(key.defaultValue, key.type);
  }

  private static String synonyms(String scope, String key) {
    StringBuilder names = new StringBuilder();
    if (scope.equals("topic")) {
      List<ConfigSynonym> all = ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(key, List.of());
      all.forEach(each -> names.append(" ").append(each.name()).append("*").append(each.converter().apply("1")));
    } else if (scope.equals("group")) {
      return GroupConfig.brokerSynonym(key).orElse("");
    } else if (scope.equals("broker")) {
      DynamicBrokerConfig.brokerConfigSynonyms(key, true).forEach(each -> names.append(" ").append(each));
    }
    return names.toString().strip();
  }

  static void list(Path folder) throws Exception {
    Map<String, String> modes = DynamicBrokerConfig.dynamicConfigUpdateModes();
    Set<String> lines = new TreeSet<>();
    for (Map.Entry<String, ConfigDef> scope : all().entrySet()) {
      for (ConfigDef.ConfigKey key : scope.getValue().configKeys().values()) {
        String mode = scope.getKey().equals("broker") ? modes.getOrDefault(key.name, "") : "";
        lines.add(String.join("\t", scope.getKey(), key.name, key.type.toString(), otherwise(key),
            key.importance.toString(), key.internalConfig ? "internal" : "", mode,
            key.validator == null ? "" : key.validator.toString(), synonyms(scope.getKey(), key.name)));
      }
    }
    Files.write(folder.resolve("tables.theirs"), lines, StandardCharsets.UTF_8);
  }
}
