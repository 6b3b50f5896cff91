from setuptools import find_packages, setup

package = 'lander_sim'

setup(
    name=package,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package]),
        ('share/' + package, ['package.xml']),
        ('share/' + package + '/config',
            ['config/simulator.yaml', 'config/valve_board.yaml', 'config/release_board.yaml',
             'config/imu_device.yaml']),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    maintainer='Frigoris maintainers',
    maintainer_email='frigoris@example.org',
    description='Simulator: vehicle dynamics, terrain, sensors, contact, faults, device emulators.',
    license='Apache-2.0',
    entry_points={'console_scripts': [
        'simulator = lander_sim.simulator_node:main',
        'rangefinder_emulator = lander_sim.emulator_main:main',
        'imu_emulator = lander_sim.imu_emulator_main:main',
        'imu_device = lander_sim.imu_device_node:main',
        'valve_board = lander_sim.valve_board_node:main',
        'valve_emulator = lander_sim.valve_emulator_main:main',
        'release_board = lander_sim.release_board_node:main',
        'release_emulator = lander_sim.release_emulator_main:main',
    ]},
)
