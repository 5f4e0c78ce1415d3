"""The three messages of the vendor's hdas_msg that the executor hears, as far as it reads them."""

from pathlib import Path

TEXTS = {
    'Bms': 'std_msgs/Header header\nfloat32 voltage\nfloat32 current\nfloat32 capital\n',
    'ControllerSignal': ''.join(
        f'float32 {side}_{axis}_axis\n' for side in ('left', 'right') for axis in 'xy'
    )
    + 'uint8 mode\n',
    'ControllerSignalStamped': 'std_msgs/Header header\nControllerSignal data\n',
    'FeedbackStatusDetail': 'string name\nuint32 error_code\nstring[] error_description\n',
    'FeedbackStatus': 'std_msgs/Header header\nstring name_id\nFeedbackStatusDetail[] errors\n',
}
_MANIFEST = '<package format="3"><name>hdas_msg</name></package>\n'


def write(prefix: Path) -> None:
    """The package below a prefix, where the stand-in looks for messages."""
    share = prefix / 'share' / 'hdas_msg'
    (share / 'msg').mkdir(parents=True)
    (share / 'package.xml').write_text(_MANIFEST)
    for name, text in TEXTS.items():
        (share / 'msg' / f'{name}.msg').write_text(text)
