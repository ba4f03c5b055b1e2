"""Questions that are too long for one module; `treatment.selectors` names what others ask."""
