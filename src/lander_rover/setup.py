from pathlib import Path

from setuptools import find_packages, setup

package = 'lander_rover'

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
    description='Rover deployment: sequence and interlocks.',
    license='Apache-2.0',
    entry_points={'console_scripts': [
        'rover_deployment = lander_rover.rover_deployment_node:main',
        'rover_release = lander_rover.rover_release_node:main',
    ]},
)
