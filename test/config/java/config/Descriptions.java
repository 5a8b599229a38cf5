package config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.requests.DescribeConfigsResponse;

/** Alters what the file "alterations" says and writes what the broker then tells of it to "described.theirs". */
final class Descriptions {
  private static final Map<String, ConfigResource.Type> TYPES = Map.of(
      "broker", ConfigResource.Type.BROKER, "topic", ConfigResource.Type.TOPIC, "group", ConfigResource.Type.GROUP,
      "client-metrics", ConfigResource.Type.CLIENT_METRICS);

  private Descriptions() {}

  private static int source(ConfigEntry.ConfigSource source) {
    for (DescribeConfigsResponse.ConfigSource each : DescribeConfigsResponse.ConfigSource.values()) {
      if (each.source() == source) {
        return each.id();
      }
    }
    return 0;
  }

  private static int type(ConfigEntry.ConfigType type) {
    return DescribeConfigsResponse.ConfigType.valueOf(type.name()).id();
  }

  private static String line(String resource, ConfigEntry entry) {
    StringBuilder synonyms = new StringBuilder();
    for (ConfigEntry.ConfigSynonym each : entry.synonyms()) {
      synonyms.append(" ").append(each.name()).append("=").append(each.value()).append("@")
          .append(source(each.source()));
    }
    return String.join("\t", resource, entry.name(), String.valueOf(type(entry.type())),
        Values.escaped(String.valueOf(entry.value())), String.valueOf(source(entry.source())),
        entry.isReadOnly() ? "ro" : "rw", entry.isSensitive() ? "sensitive" : "",
        Values.escaped(synonyms.toString()));
  }

  /** Nothing while the broker does not know of the topic yet. */
  private static Config asked(Admin admin, ConfigResource resource) throws Exception {
    try {
      return admin.describeConfigs(List.of(resource),
          new DescribeConfigsOptions().includeSynonyms(true)).all().get().get(resource);
    } catch (ExecutionException refused) {
      if (refused.getCause() instanceof UnknownTopicOrPartitionException) {
        return null;
      }
      throw refused;
    }
  }

  /** Waits until the broker tells of each key that was altered: alterations reach it through the metadata log. */
  private static Config described(Admin admin, ConfigResource resource, Set<String> altered) throws Exception {
    while (true) {
      Config config = asked(admin, resource);  // the way there and back is all the pause that this needs
      if (config != null && altered.stream().allMatch(key -> shows(config, key))) {
        return config;
      }
    }
  }

  private static boolean shows(Config config, String key) {
    return config.get(key) != null && config.get(key).synonyms().stream()
        .anyMatch(each -> each.source() != ConfigEntry.ConfigSource.DEFAULT_CONFIG);
  }

  static void list(Path folder, Admin admin) throws Exception {
    Map<ConfigResource, Set<String>> resources = new LinkedHashMap<>();
    resources.put(new ConfigResource(ConfigResource.Type.BROKER, "1"), Set.of());
    resources.put(new ConfigResource(ConfigResource.Type.BROKER, ""), Set.of());
    for (String line : Files.readAllLines(folder.resolve("alterations"), StandardCharsets.UTF_8)) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] fields = line.split("\\|", 3);
      ConfigResource resource = new ConfigResource(TYPES.get(fields[0]), fields[1]);
      Map<String, String> texts = Cases.texts(fields[2]);
      if (fields[0].equals("topic")) {
        admin.createTopics(List.of(new NewTopic(fields[1], 1, (short) 1).configs(texts))).all().get();
      } else if (!texts.isEmpty()) {
        Cases.alter(admin, resource, texts, false);
      }
      resources.put(resource, new LinkedHashSet<>(texts.keySet()));
    }
    List<String> lines = new ArrayList<>();
    for (Map.Entry<ConfigResource, Set<String>> each : resources.entrySet()) {
      ConfigResource resource = each.getKey();
      String name = TYPES.entrySet().stream().filter(type -> type.getValue() == resource.type()).findFirst().get()
          .getKey() + ":" + resource.name();
      described(admin, resource, each.getValue()).entries().forEach(entry -> lines.add(line(name, entry)));
    }
    Files.write(folder.resolve("described.theirs"), lines, StandardCharsets.UTF_8);
  }
}
