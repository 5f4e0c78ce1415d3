"""The vendor's hdas_msg definitions, for recordings that do not carry them.

Facts: OpenGalaxea/GalaxeaLeRobotToolkit, src/msg/hdas, as of July 2026. Types come after those
that they use. No node hears by these: they are for reading.
"""

_HEADER = 'std_msgs/Header header\n'
_WHEELS = ''.join(
    f'float32 {what}_{at}\n' for what in ('vel', 'angle') for at in ('fl', 'fr', 'r')
)
_GAINS = ''.join(f'float32[] {what}\n' for what in ('p_des', 'v_des', 'kp', 'kd', 't_ff'))
_STICKS = ''.join(f'float32 {side}_{axis}_axis\n' for side in ('left', 'right') for axis in 'xy')

DEFINITIONS = {
    f'hdas_msg/msg/{name}': text
    for name, text in {
        'Bms': f'{_HEADER}float32 voltage\nfloat32 current\nfloat32 capital\n',
        'ControllerSignal': f'{_STICKS}uint8 mode\n',
        'ControllerSignalStamped': f'{_HEADER}ControllerSignal data\n',
        'Drivetrain': _WHEELS,
        'FeedbackStatusDetail': 'string name\nuint32 error_code\nstring[] error_description\n',
        'FeedbackStatus': f'{_HEADER}string name_id\nFeedbackStatusDetail[] errors\n',
        'LEDControl': f'{_HEADER}uint8 r\nuint8 g\nuint8 b\nuint8 mode\n',
        'MotorControl': f'{_HEADER}string name\n{_GAINS}uint8 mode\n',
        'MotorTemp': f'{_HEADER}uint8[] most_temps\nuint8[] winding_temps\n',
        'Version': (
            f'{_HEADER}string hardware_version\nstring software_version\nstring control_mode\n'
        ),
    }.items()
}
