package config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterClientQuotasOptions;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/** What the reference makes of whole configurations and of alterations: reads "cases", writes "cases.theirs". */
final class Cases {
  private static final String BASE =
      "process.roles=broker,controller;node.id=1;controller.quorum.voters=1@localhost:9093;"
          + "listeners=PLAINTEXT://:9092,CONTROLLER://:9093;controller.listener.names=CONTROLLER";

  private Cases() {}

  static Map<String, String> texts(String pairs) {
    Map<String, String> texts = new HashMap<>();
    for (String pair : pairs.split(";")) {
      int equals = pair.indexOf('=');
      if (equals >= 0) {
        texts.put(Values.unescaped(pair.substring(0, equals)), Values.unescaped(pair.substring(equals + 1)));
      }
    }
    return texts;
  }

  private static Map<String, String> joined(Map<String, String> under, Map<String, String> over) {
    Map<String, String> all = new HashMap<>(under);
    over.forEach((key, text) -> {
      if (text.equals("-")) {
        all.remove(key);
      } else {
        all.put(key, text);
      }
    });
    return all;
  }

  static void alter(Admin admin, ConfigResource resource, Map<String, String> texts, boolean validateOnly)
      throws Exception {
    Collection<AlterConfigOp> operations = new ArrayList<>();
    texts.forEach((key, text) ->
        operations.add(new AlterConfigOp(new ConfigEntry(key, text), AlterConfigOp.OpType.SET)));
    admin.incrementalAlterConfigs(Map.of(resource, operations), new AlterConfigsOptions().validateOnly(validateOnly))
        .all().get();
  }

  private static void quota(Admin admin, String type, String name, Map<String, String> texts) throws Exception {
    Map.Entry<String, String> one = texts.entrySet().iterator().next();
    var operation = new ClientQuotaAlteration.Op(one.getKey(), Double.valueOf(one.getValue()));
    var entity = new ClientQuotaEntity(Map.of(type, name));
    admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(operation))),
        new AlterClientQuotasOptions().validateOnly(true)).all().get();
  }

  private static void judge(String what, Map<String, String> first, Map<String, String> second,
      Map<String, String> node, Admin admin) throws Exception {
    switch (what) {
      case "node" -> new KafkaConfig(joined(texts(BASE), first), false);
      case "alter-broker" -> alter(admin, new ConfigResource(ConfigResource.Type.BROKER, "1"), first, true);
      case "alter-cluster" -> alter(admin, new ConfigResource(ConfigResource.Type.BROKER, ""), first, true);
      case "topic", "tiered-topic" -> LogConfig.validate(first, second,
          new KafkaConfig(node, false).extractLogConfigMap(), what.equals("tiered-topic"));
      case "group" -> {
        KafkaConfig config = new KafkaConfig(node, false);
        GroupConfig.validate(first, config.groupCoordinatorConfig(), config.shareGroupConfig());
      }
      case "client-quota" -> quota(admin, "user", "u", first);
      case "ip-quota" -> quota(admin, "ip", "1.2.3.4", first);
      case "client-metrics" -> ClientMetricsConfigs.validate("name", first);
      default -> throw new IllegalArgumentException("what is " + what + "?");
    }
  }

  static void judge(Path folder, Path properties, Admin admin) throws Exception {
    Properties file = new Properties();
    try (var reader = Files.newBufferedReader(properties)) {
      file.load(reader);
    }
    Map<String, String> node = new HashMap<>();
    file.forEach((key, text) -> node.put((String) key, (String) text));
    List<String> answers = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("cases"), StandardCharsets.UTF_8)) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] fields = line.split("\\|", -1);
      try {
        judge(fields[0], texts(fields[1]), texts(fields.length > 2 ? fields[2] : ""), node, admin);
        answers.add("ok");
      } catch (ExecutionException refused) {
        answers.add("no\t" + Values.escaped(String.valueOf(refused.getCause().getMessage())));
      } catch (Exception refused) {
        answers.add("no\t" + Values.escaped(String.valueOf(refused.getMessage())));
      }
    }
    Files.write(folder.resolve("cases.theirs"), answers, StandardCharsets.UTF_8);
  }
}
