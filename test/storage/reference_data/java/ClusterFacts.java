package referencedata;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;

/** Records of the metadata log beyond what topics and a node's start make. */
final class ClusterFacts {
  private final Admin admin;

  ClusterFacts(Admin admin) {
    this.admin = admin;
  }

  void write() throws Exception {
    final ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "");
    admin.incrementalAlterConfigs(Map.of(broker, List.of(new AlterConfigOp(
        new ConfigEntry("message.max.bytes", "2000000"), AlterConfigOp.OpType.SET)))).all().get();
    quotas();
    admin.alterUserScramCredentials(List.of(
        new UserScramCredentialUpsertion("alice", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"),
        new UserScramCredentialUpsertion("grüße \"☃\"", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
            "secret"))).all().get();
    admin.alterUserScramCredentials(List.of(
        new UserScramCredentialDeletion("alice", ScramMechanism.SCRAM_SHA_256))).all().get();
    admin.createTopics(List.of(new NewTopic("deleted", 3, (short) 1))).all().get();
    admin.deleteTopics(List.of("deleted")).all().get();
  }

  /** Numbers of all sizes: they are doubles. */
  private void quotas() throws Exception {
    final double[] values = {1, 0.5, 1024 * 1024, 1e7, 12345678.9, 0.001, 0.00012, 1e21, 123456789012.0, 1.0 / 3};
    int number = 0;
    for (double value : values) {
      final ClientQuotaEntity entity = new ClientQuotaEntity(Map.of("client-id", "client-" + number++));
      admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(
          new ClientQuotaAlteration.Op("request_percentage", value))))).all().get();
    }
    final ClientQuotaEntity first = new ClientQuotaEntity(Map.of("client-id", "client-0"));
    admin.alterClientQuotas(List.of(new ClientQuotaAlteration(first, List.of(
        new ClientQuotaAlteration.Op("request_percentage", null))))).all().get();
  }
}
