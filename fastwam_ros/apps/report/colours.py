"""Colours of the report's picture and page: one meaning has one colour in both.

Lines and marks are Okabe and Ito's, which differ for every kind of colour vision.
"""

from fastwam_ros.apps.report.chunks import ACCEPTED, REFUSED, SHADOW, UNTOLD
from fastwam_ros.bag.markers import DISCARD, FAILURE, INTERVENTION, SUCCESS, TAKEOVER

BLUE, ORANGE, GREEN, RED, PINK, SKY = (
    '#0072B2', '#E69F00', '#009E73', '#D55E00', '#CC79A7', '#56B4E9'
)  # fmt: skip
JOINTS = (BLUE, ORANGE, GREEN, RED, PINK, SKY)  # base to wrist
MODES = {
    'HOLD': '#E6E6E6',
    'POLICY': '#CFE3F2',
    'TELEOP': '#FBE3C0',
    'STOPPING': '#C9C9C9',
    'FAULT': '#F2B8A8',
    'ESTOP': '#E08A78',
}  # DISARMED stays white
MARKERS = {
    SUCCESS: GREEN,
    FAILURE: RED,
    DISCARD: '#999999',
    INTERVENTION: PINK,
    TAKEOVER: ORANGE,
}  # notes: BLUE
SOURCES = {'policy': MODES['POLICY'], 'teleop': MODES['TELEOP']}
CHUNKS = {ACCEPTED: BLUE, SHADOW: '#999999', REFUSED: RED, UNTOLD: '#FFFFFF'}
