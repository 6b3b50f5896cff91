from pathlib import Path

from setuptools import find_packages, setup

package = 'lander_bringup'


def files(folder):
    return [str(path) for path in Path('../..', folder).glob('*.*')]


setup(
    name=package,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package]),
        ('share/' + package, ['package.xml']),
        ('share/' + package + '/launch', files('launch')),
        *((f'share/{package}/config/{kind}', files(f'config/{kind}'))
          for kind in ('vehicles', 'sites', 'scenarios', 'sensors')),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    maintainer='Frigoris maintainers',
    maintainer_email='frigoris@example.org',
    description='Launch files, configuration, the frigoris command and the launch runner.',
    license='Apache-2.0',
    entry_points={'console_scripts': [
        'frigoris = lander_bringup.command:main',
        'composed = lander_bringup.composed_node:main',
    ]},
)
