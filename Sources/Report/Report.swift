// The target's files stand in its folders.
