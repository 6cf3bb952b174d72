"""What the lessons share: settings from the address, controls made from knobs, the narrator, the code that is shown."""
