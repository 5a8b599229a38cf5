package referencedata;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/** Has a running node write one of everything: ReferenceData BOOTSTRAP FOLDER. */
public final class ReferenceData {
  private ReferenceData() {}

  public static void main(String[] words) throws Exception {
    final String bootstrap = words[0];
    final Path folder = Path.of(words[1]);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      final Topics topics = new Topics(admin);
      step("topics", topics::createAll);
      step("facts of the cluster", new ClusterFacts(admin)::write);
      step("plain records", new PlainRecords(bootstrap)::write);
      step("transactions", new Transactions(bootstrap)::write);
      step("metadata of tiering", new RemoteMetadata(bootstrap)::write);
      step("groups", new Groups(bootstrap, admin)::use);
      step("cleaner", () -> topics.awaitCleaner(folder.resolve("node/node-1/data")));
    }
    step("legacy files", () -> LegacyFiles.write(folder.resolve("legacy")));
  }

  private interface Step {
    void take() throws Exception;
  }

  private static void step(String name, Step step) throws Exception {
    final long start = System.nanoTime();
    step.take();
    System.err.printf("%5d ms %s%n", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start), name);
  }

  /** For waiting on what has no call to wait with. */
  interface Condition {
    boolean holds() throws Exception;
  }

  static void await(String what, Condition condition) throws Exception {
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited a minute in vain: " + what);
      }
      Thread.sleep(20);
    }
  }
}
