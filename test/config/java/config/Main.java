package config;

import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** The reference's answers: Main FOLDER BOOTSTRAP PROPERTIES. */
final class Main {
  private Main() {}

  public static void main(String[] words) throws Exception {
    Path folder = Path.of(words[0]);
    Definitions.list(folder);
    Values.judge(folder);
    try (Admin admin = Admin.create(Map.of(
        "bootstrap.servers", words[1], "request.timeout.ms", "120000", "default.api.timeout.ms", "240000"))) {
      Cases.judge(folder, Path.of(words[2]), admin);
      Descriptions.list(folder, admin);
    }
  }
}
