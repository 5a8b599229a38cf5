package config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.types.Password;

/** What the reference makes of single values: reads the file "values", writes "values.theirs". */
final class Values {
  private Values() {}

  static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
  }

  static String unescaped(String text) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < text.length(); ++at) {
      char each = text.charAt(at);
      if (each != '\\') {
        out.append(each);
        continue;
      }
      char next = text.charAt(++at);
      out.append(next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next);
    }
    return out.toString();
  }

  private static String shown(Object value, ConfigDef.Type type) {
    if (value == null) {
      return "null";
    }
    String text = value instanceof Password password ? password.value() : ConfigDef.convertToString(value, type);
    return "ok\t" + escaped(text);
  }

  /** A definition of this key alone, so that its own rules speak and nobody else's. */
  private static String judged(ConfigDef.ConfigKey key, String text) {
    ConfigDef alone = new ConfigDef();
    alone.define(key);
    Map<String, Object> given = new HashMap<>();
    given.put(key.name, text);
    try {
      return shown(alone.parse(given).get(key.name), key.type);
    } catch (Exception refused) {
      return "no\t" + escaped(String.valueOf(refused.getMessage()));
    }
  }

  static void judge(Path folder) throws Exception {
    Map<String, ConfigDef> all = Definitions.all();
    List<String> answers = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("values"), StandardCharsets.UTF_8)) {
      String[] parts = line.split("\t", 3);
      answers.add(judged(all.get(parts[0]).configKeys().get(parts[1]), unescaped(parts[2])));
    }
    Files.write(folder.resolve("values.theirs"), answers, StandardCharsets.UTF_8);
  }
}
