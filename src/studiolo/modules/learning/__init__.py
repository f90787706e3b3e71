"""Learning shared by the modules that train, score and evaluate: learners, features, trained models."""
