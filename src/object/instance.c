/* instance.c: objects that take any attribute, each in a dict of its own. */
#include <lair/dict.h>

#include "record.h"
#include "walk.h"

enum { INSTANCE_FREE_LIST = 64 };

struct instance {
    lair_object object;
    lair_object *dict; /* NULL until there is an attribute */
    struct weakref *weakrefs;
};

static struct instance *instance_of(const lair_object *object)
{
    return (struct instance *)(void *)object;
}

/* -- making ---------------------------------------------------------------------------------- */

static struct instance *instance_make(lair_type *type)
{
    struct instance *instance = object_track(object_alloc_fixed(type));
    if (instance != NULL) {
        instance->dict = NULL;
        instance->weakrefs = NULL;
    }
    return instance;
}

lair_object *lair_instance_new(lair_type *type)
{
    if (!type_expected(type, LAIR_KIND_INSTANCE))
        return NULL;
    collector_safe_point(type->space);
    struct instance *instance = instance_make(type);
    return instance != NULL ? &instance->object : NULL;
}

/* -- attributes ------------------------------------------------------------------------------ */

static inline lair_object *dict_of(lair_object *self)
{
    struct instance *instance = instance_of(self);
    if (unlikely(instance->dict == NULL)) {
        lair_object *dict = lair_dict_new(self->type->heap);
        if (instance->dict == NULL) /* nobody has set an attribute meanwhile */
            instance->dict = dict;
        else
            lair_decref(dict);
    }
    return instance->dict;
}

lair_object *lair_instance_dict(lair_object *self)
{
    return expect(self, LAIR_KIND_INSTANCE) ? dict_of(self) : NULL;
}

/* The error of a dict as that of an attribute. */
static lair_status translated(const lair_object *self, const char *name)
{
    lair_status status = lair_error_status();
    return status == LAIR_ERR_KEY ? no_attribute(self->type, name) : status;
}

lair_object *instance_attribute(lair_object *self, const char *name)
{
    lair_object *dict = instance_of(self)->dict;
    if (dict == NULL) {
        (void)no_attribute(self->type, name);
        return NULL;
    }
    lair_object *value = lair_dict_get_str(dict, name);
    if (unlikely(value == NULL))
        (void)translated(self, name);
    return value;
}

lair_status instance_attribute_set_new(lair_object *self, const char *name, lair_object *value)
{
    lair_object *dict = value != NULL ? dict_of(self) : NULL;
    if (likely(dict != NULL))
        return lair_dict_set_str_new(dict, name, value);
    if (value == NULL)
        return pending_error();
    lair_decref(value);
    return lair_error_status();
}

lair_status instance_attribute_delete(lair_object *self, const char *name)
{
    lair_object *dict = instance_of(self)->dict;
    if (dict == NULL)
        return no_attribute(self->type, name);
    return lair_dict_delete_str(dict, name) == LAIR_OK ? LAIR_OK : translated(self, name);
}

/* -- the type -------------------------------------------------------------------------------- */

static void instance_dealloc(lair_object *self)
{
    lair_decref(instance_of(self)->dict);
}

static int instance_traverse(lair_object *self, lair_visit visit, void *arg)
{
    VISIT(instance_of(self)->dict);
    return 0;
}

static void instance_clear(lair_object *self)
{
    lair_clear_ref(&instance_of(self)->dict);
}

static lair_step instance_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    return step_of(lair_write_format(writer, "<%s object at %p>", lair_type_name(frame->self),
                                     (const void *)frame->self));
}

static lair_step instance_copy(lair_walk *walk, lair_frame *frame)
{
    if (frame->other != NULL) {
        instance_of(frame->other)->dict = lair_steal(&walk->copied);
        return LAIR_STEP_DONE;
    }
    struct instance *copy = instance_make(frame->self->type);
    if (copy == NULL)
        return LAIR_STEP_FAILED;
    frame->other = &copy->object;
    lair_object *dict = instance_of(frame->self)->dict;
    return dict != NULL ? step_child(walk, dict) : LAIR_STEP_DONE;
}

static lair_object *instance_shallow_copy(lair_object *self)
{
    LAIR_SCOPED lair_object *dict = NULL;
    if (instance_of(self)->dict != NULL) {
        dict = lair_copy(instance_of(self)->dict);
        if (dict == NULL)
            return NULL;
    }
    struct instance *copy = instance_make(self->type);
    if (copy == NULL)
        return NULL;
    copy->dict = lair_steal(&dict);
    return &copy->object;
}

lair_type *lair_instance_type(lair_heap *heap, const char *name)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    if (name == NULL || name[0] == '\0') {
        (void)lair_fail(LAIR_ERR_INVALID, "a type of instances needs a name");
        return NULL;
    }
    const lair_type_spec spec = {
        .name = name,
        .size = sizeof(struct instance),
        .flags = LAIR_TYPE_CONTAINER,
        .weakrefs = offsetof(struct instance, weakrefs),
        .free_list = INSTANCE_FREE_LIST,
        .dealloc = instance_dealloc,
        .traverse = instance_traverse,
        .clear = instance_clear,
        .repr = instance_repr,
        .copy = instance_copy,
        .shallow_copy = instance_shallow_copy,
    };
    return type_make(space, &spec, LAIR_KIND_INSTANCE);
}
