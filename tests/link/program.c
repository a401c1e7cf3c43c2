/* program.c: as little of a program as counts references, for test_link.py. */
#include <lair/lair.h>

int main(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    return list != NULL ? 0 : 1;
}
