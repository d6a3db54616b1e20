"""Letters and messages: written, looked at by a person, then sent by Django's mail backends, tried again, recorded."""
