/* names_nothing.c: a program that includes the header and calls nothing, for test_link.py. */
#include <lair/lair.h>

int main(void)
{
    return 0;
}
