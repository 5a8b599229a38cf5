package golden;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.Collection;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Messages whose only value beyond the defaults is one that their version may not be able to carry. */
final class Refusals {
    enum Value { NULL, OTHER }

    private Refusals() {
    }

    /** The path names fields from the message down, with slashes; arrays on the way get one element. */
    static Message make(Catalog.Entry entry, String path, Value value) throws ReflectiveOperationException {
        Message message = entry.create();
        Message parent = message;
        String[] steps = path.split("/");
        for (int i = 0; i < steps.length - 1; ++i) {
            parent = descend(parent, Shape.field(parent.getClass(), steps[i]));
        }
        Field field = Shape.field(parent.getClass(), steps[steps.length - 1]);
        if (value == Value.NULL) {
            field.set(parent, null);
        } else {
            change(parent, field);
        }
        return message;
    }

    private static Message descend(Message parent, Field field) throws ReflectiveOperationException {
        if (Collection.class.isAssignableFrom(field.getType())) {
            Message element = Shape.create(Shape.elementClass(field));
            Collection<Object> elements = Filler.collection(field);
            elements.add(element);
            field.set(parent, elements);
            return element;
        }
        if (field.get(parent) == null) {
            field.set(parent, Shape.create(field.getType()));
        }
        return (Message) field.get(parent);
    }

    /** Gives the field a value that is not its default. */
    private static void change(Message parent, Field field) throws ReflectiveOperationException {
        Class<?> type = field.getType();
        Object now = field.get(parent);
        if (type == boolean.class) {
            field.set(parent, !(boolean) now);
        } else if (type == byte.class) {
            field.set(parent, (byte) ((byte) now + 1));
        } else if (type == short.class) {
            field.set(parent, (short) ((short) now + 1));
        } else if (type == int.class) {
            field.set(parent, ((int) now + 1) & 0x7FFF);
        } else if (type == long.class) {
            field.set(parent, ((long) now + 1) & 0x7FFF);
        } else if (type == double.class) {
            field.set(parent, (double) now + 1);
        } else if (Collection.class.isAssignableFrom(type)) {
            Collection<Object> elements = Filler.collection(field);
            elements.add(blank(Shape.elementClass(field)));
            field.set(parent, elements);
        } else if (Message.class.isAssignableFrom(type)) {
            Message structure = Shape.create(type);
            field.set(parent, structure);
            if (now != null) {
                change(structure, firstField(type));
            }
        } else {
            field.set(parent, other(type));
        }
    }

    private static Field firstField(Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            if (!java.lang.reflect.Modifier.isStatic(field.getModifiers())) {
                return Shape.field(type, field.getName());
            }
        }
        throw new IllegalStateException(type + " has no fields");
    }

    private static Object other(Class<?> type) {
        if (type == String.class) {
            return "?";
        } else if (type == Uuid.class) {
            return new Uuid(7, 7);
        } else if (type == byte[].class) {
            return new byte[] {7};
        } else if (type == ByteBuffer.class) {
            return ByteBuffer.wrap(new byte[] {7});
        }
        return MemoryRecords.readableRecords(ByteBuffer.wrap(new byte[] {7}));
    }

    private static Object blank(Class<?> type) throws ReflectiveOperationException {
        if (Message.class.isAssignableFrom(type)) {
            return Shape.create(type);
        } else if (type == String.class) {
            return "";
        } else if (type == Uuid.class) {
            return Uuid.ZERO_UUID;
        } else if (type == Byte.class) {
            return (byte) 0;
        } else if (type == Short.class) {
            return (short) 0;
        } else if (type == Integer.class) {
            return 0;
        } else if (type == Long.class) {
            return 0L;
        }
        return other(type);
    }
}
