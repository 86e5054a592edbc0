"""Detection states as the text that is kept beside the watermark."""

from pydantic import TypeAdapter, ValidationError

from models.health_assessment.detection_state import DetectionState

_STATE: TypeAdapter[DetectionState] = TypeAdapter(DetectionState)


def encode_state(state: DetectionState) -> str:
    """Return a detection state as JSON."""
    return _STATE.dump_json(state, exclude_defaults=True).decode()


def decode_state(text: str) -> DetectionState:
    """Return the detection state of a JSON text; a blank one where another version wrote it, so that it is built anew."""
    try:
        return _STATE.validate_json(text)
    except ValidationError:
        return DetectionState()
