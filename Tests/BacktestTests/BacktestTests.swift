// End-to-end tests of the main job.
