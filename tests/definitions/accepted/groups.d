/*
 * @group none
 */
provider heap {
    /* @grop memory */
    probe take();

    /* The group's name @group memory is not here. */
    probe give();

    /* @Group memory */
    probe move();

    /* @group memory (all of them) */
    probe scan();

    /* @ingroup memory */
    probe sweep();
    /* @group memory */

    probe grow();
};
