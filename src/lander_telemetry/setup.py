from pathlib import Path

from setuptools import find_packages, setup

package = 'lander_telemetry'

setup(
    name=package,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package]),
        ('share/' + package, ['package.xml']),
        ('share/' + package + '/config', [str(p) for p in Path('config').glob('*.yaml')]),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    maintainer='Frigoris maintainers',
    maintainer_email='frigoris@example.org',
    description='Flight recorder, mission control and pictures of a flight.',
    license='Apache-2.0',
    entry_points={'console_scripts': [
        'flight_recorder = lander_telemetry.flight_recorder_node:main',
        'mission_control = lander_telemetry.mission_control_node:main',
        'preflight = lander_telemetry.preflight_node:main',
        'flight_player = lander_telemetry.flight_player_node:main',
        'flight_picture = lander_telemetry.picture:main',
    ]},
)
