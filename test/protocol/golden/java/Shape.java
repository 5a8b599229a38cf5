package golden;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** What one structure holds in one version: its schema there, laid beside the Java fields of its class. */
final class Shape {
    /** A field and its type on the wire. */
    record Slot(Field field, Type type) {
        /** The class of an array's elements. */
        Class<?> elementClass() {
            return Shape.elementClass(field);
        }
    }

    private record Key(Class<?> type, Schema schema) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.type == type && key.schema == schema;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(schema);
        }
    }

    private static final Map<Key, Shape> KNOWN = new HashMap<>();

    final List<Slot> slots = new ArrayList<>();
    final Set<Integer> tags = new TreeSet<>();  // of any version
    boolean flexible;

    static Shape of(Class<?> type, Schema schema) {
        return KNOWN.computeIfAbsent(new Key(type, schema), key -> new Shape(type, schema));
    }

    private Shape(Class<?> type, Schema schema) {
        Map<String, Field> fields = fieldsOf(type);
        addTagsOfAllVersions(type);
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                flexible = true;
                tagged.fields().values().forEach(field -> add(type, fields, field.name, field.type));
            } else {
                add(type, fields, bound.def.name, bound.def.type);
            }
        }
    }

    /** The reference refuses a tag that only another version knows. */
    private void addTagsOfAllVersions(Class<?> type) {
        try {
            for (Schema schema : (Schema[]) type.getField("SCHEMAS").get(null)) {
                if (schema == null) {
                    continue;
                }
                for (BoundField bound : schema.fields()) {
                    if (bound.def.type instanceof TaggedFields tagged) {
                        tags.addAll(tagged.fields().keySet());
                    }
                }
            }
        } catch (ReflectiveOperationException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private void add(Class<?> type, Map<String, Field> fields, String name, Type wire) {
        Field field = fields.get(name.replace("_", ""));
        if (field == null) {
            throw new IllegalStateException(type + " has no field for " + name);
        }
        slots.add(new Slot(field, wire));
    }

    /** By names without case: the schema writes topic_id, the class topicId. */
    private static Map<String, Field> fieldsOf(Class<?> type) {
        Map<String, Field> found = new HashMap<>();
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                found.put(field.getName().toLowerCase(java.util.Locale.ROOT), field);
            }
        }
        return found;
    }

    static Field field(Class<?> type, String name) {
        Field field = fieldsOf(type).get(name.toLowerCase(java.util.Locale.ROOT));
        if (field == null) {
            throw new IllegalArgumentException(type + " has no field " + name);
        }
        return field;
    }

    static Class<?> elementClass(Field field) {
        java.lang.reflect.Type holder = field.getGenericType() instanceof ParameterizedType
                ? field.getGenericType() : field.getType().getGenericSuperclass();
        return (Class<?>) ((ParameterizedType) holder).getActualTypeArguments()[0];
    }

    /**
     * With all defaults. Record sets are the one kind of field that the reference leaves null where nothing says so,
     * even where null cannot be written; ours begin empty.
     */
    static Message create(Class<?> type) throws ReflectiveOperationException {
        Message message = (Message) type.getConstructor().newInstance();
        for (Field field : type.getDeclaredFields()) {
            if (field.getType() == BaseRecords.class) {
                field.setAccessible(true);
                field.set(message, MemoryRecords.EMPTY);
            }
        }
        return message;
    }
}
