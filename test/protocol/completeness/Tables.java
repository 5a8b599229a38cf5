// What the reference's classes know of APIs and errors besides the message descriptions: one line each.
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

public class Tables {
    public static void main(String[] arguments) {
        for (ApiKeys api : ApiKeys.values()) {
            System.out.println("api " + api.id + " " + api.name + " " + api.forwardable + " " + api.clusterAction);
        }
        for (Errors error : Errors.values()) {
            System.out.println("error " + error.code() + " " + error.name() + " "
                + (error.exception() instanceof RetriableException) + " "
                + (error.exception() instanceof InvalidMetadataException));
        }
    }
}
